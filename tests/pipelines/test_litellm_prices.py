"""The litellm_prices source: what a map's keys mean, when it loads, and that nothing is lost."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipelines.config import load_settings
from pipelines.lake import Lake, read_units
from pipelines.load import KnownUnit, load_source
from pipelines.sources import litellm_prices as source
from pipelines.sources.litellm_prices.flatten import price_rows, split_key

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MAP = {
    "sample_spec": {"litellm_provider": "one of them", "input_cost_per_token": 0},
    "gpt-x": {
        "litellm_provider": "openai",
        "input_cost_per_token": 4.0000000000000003e-07,
        "input_cost_per_token_above_272k_tokens_flex": 2e-07,
        "output_cost_per_token_batches": 1e-06,
        "output_cost_per_token_ultrafast": 5e-06,
        "cache_creation_input_token_cost_above_1hr_above_200k_tokens": 3e-06,
        "cache_creation_input_token_cost_above_12hr": 4e-06,
        "search_context_cost_per_query": {"search_context_size_high": 0.01},
        "input_dbu_cost_per_token": 1,
        "max_input_tokens": 1000,
        "regional_processing_uplift_multiplier_eu": 1.1,
    },
    "claude-y": {
        "litellm_provider": "anthropic",
        "output_cost_per_token": 1e-05,
        "provider_specific_entry": {"us": 1.1, "fast": 2},
    },
    "dashscope/q": {
        "litellm_provider": "dashscope",
        "tiered_pricing": [
            {"range": [0, 256000.0], "input_cost_per_token": 1e-06},
            {"range": [256000.0, 1000000.0], "input_cost_per_token": 2e-06},
            {"max_results_range": [0, 25], "input_cost_per_query": 0.005},
        ],
    },
}


def install(folder: Path, price_map: dict[str, Any], version: str = "1.2.3") -> Path:
    """Write a wheel as it lies unpacked: the map, and metadata with a bill of materials."""
    about = folder / f"litellm-{version}.dist-info"
    (about / "sboms").mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.4\nName: litellm\nVersion: {version}\n")
    (about / "sboms" / "bridge.json").write_text(
        json.dumps({"metadata": {"timestamp": "2026-11-12T01:43:43.962065270Z"}})
    )
    (about / "RECORD").write_text(f"{about.name}/sboms/bridge.json,,\n{source.MAP_FILE},,\n")
    (folder / "litellm").mkdir(exist_ok=True)
    (folder / source.MAP_FILE).write_text(json.dumps(price_map))
    return folder


def settings_for(home: Path, folder: Path) -> Any:
    return load_settings(home, {"sources.litellm_prices.folder": str(folder)})


def found(rows: list[dict[str, Any]]) -> dict[tuple, Decimal]:
    """Return price by the columns that a request would be priced by."""
    return {
        (row["map_key"], row.get("region_id"), row["price_kind"], row["service_tier"],
         row["tier_start"]): row["price"]
        for row in rows
    }  # fmt: skip


def test_each_price_of_the_map_is_one_row_in_our_words() -> None:
    plain = {key[1:]: price for key, price in found(price_rows(MAP)).items() if key[0] == "gpt-x"}
    assert {key[1:]: price for key, price in plain.items() if key[0] is None} == {
        ("input_cost_per_token", "standard", None): Decimal("4e-7"),
        ("input_cost_per_token", "flex", 272000): Decimal("2e-7"),
        ("output_cost_per_token", "batch", None): Decimal("1e-6"),
        ("output_cost_per_token", "ultrafast", None): Decimal("5e-6"),
        ("cache_creation_input_token_cost_above_1hr", "standard", 200000): Decimal("3e-6"),
        ("cache_creation_input_token_cost_above_12hr", "standard", None): Decimal("4e-6"),
        ("search_context_cost_per_query.search_context_size_high", "standard", None): Decimal(
            "0.01"
        ),
    }


def test_a_surcharge_of_a_region_is_a_price_of_that_region_and_of_tokens_only() -> None:
    rows = found(price_rows(MAP))
    assert rows[("gpt-x", "eu", "input_cost_per_token", "standard", None)] == Decimal("4.4e-7")
    assert rows[("claude-y", "us", "output_cost_per_token", "standard", None)] == Decimal("1.1e-5")
    kinds = {kind for key, region, kind, *_ in rows if region == "eu"}
    assert kinds == {
        "input_cost_per_token", "output_cost_per_token",
        "cache_creation_input_token_cost_above_1hr",
    }  # fmt: skip


def test_the_factor_of_the_fast_mode_is_a_tier_of_its_own() -> None:
    rows = found(price_rows(MAP))
    assert rows[("claude-y", None, "output_cost_per_token", "fast", None)] == Decimal("2e-5")
    assert {key[0] for key in rows if key[3] == "fast"} == {"claude-y"}


def test_a_list_of_tiers_is_a_base_price_and_cliffs() -> None:
    rows = {key[2:]: price for key, price in found(price_rows(MAP)).items() if key[0][0] == "d"}
    assert rows == {
        ("input_cost_per_token", "standard", None): Decimal("1e-6"),
        ("input_cost_per_token", "standard", 256000): Decimal("2e-6"),
    }


@pytest.mark.parametrize(
    ("key", "provider", "expected"),
    [
        ("gpt-4o", "openai", ("openai", "gpt-4o", None, None)),
        ("azure/eu/gpt-4o", "azure", ("azure", "gpt-4o", "eu", None)),
        ("azure_ai/Llama-3", "azure_ai", ("azure_ai", "llama-3", None, None)),
        ("bedrock/eu-west-1/a.b-v1:0", "bedrock", ("bedrock", "a.b-v1:0", "eu-west-1", None)),
        ("bedrock/us-gov-west-1/a.b", "bedrock", ("bedrock", "a.b", "us-gov-west-1", None)),
        ("bedrock/*/1-month-commitment/a.b", "bedrock",
         ("bedrock", "a.b", None, "1-month-commitment")),
        ("eu.a.b-v1:0", "bedrock_converse", ("bedrock_converse", "eu.a.b-v1:0", None, None)),
        ("vertex_ai/claude@1", "vertex_ai-anthropic_models", ("vertex_ai", "claude@1", None, None)),
        ("1024-x-1024/dall-e-2", "openai", ("openai", "1024-x-1024/dall-e-2", None, None)),
        ("together_ai/a/b", "together_ai", ("together_ai", "a/b", None, None)),
    ],
)  # fmt: skip
def test_a_key_is_taken_apart(key: str, provider: str, expected: tuple) -> None:
    row = split_key(key, provider)
    names = ("provider_ref", "model_name", "region_id", "commitment")
    assert tuple(row[name] for name in names) == expected


def test_an_edition_loads_once_with_the_day_of_its_wheel(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "home", install(tmp_path / "wheel", MAP))
    first = load_source(settings, source, lambda *_: None)
    second = load_source(settings, source, lambda *_: None)
    assert first.faults == second.faults == []
    assert first.records_loaded == len(price_rows(MAP)) == 17
    assert second.units == 0
    units = read_units(Lake(settings.lake_url), "litellm_prices")
    assert [unit["load_unit_id"] for unit in units] == ["litellm_prices:1.2.3:prices"]
    table = extract(settings)["prices"]
    assert set(table.column("edition_date").to_pylist()) == {date(2026, 11, 12)}


def extract(settings: Any, known: dict[str, KnownUnit] | None = None) -> dict[str, Any]:
    context: Any = SimpleNamespace(
        settings=settings.source("litellm_prices"),
        known_units=lambda: known or {},
        now=NOW,
        progress=lambda *_: None,
    )
    return dict(source.extract(context))


def test_a_wheel_without_a_bill_of_materials_has_the_day_of_the_load(tmp_path: Path) -> None:
    folder = install(tmp_path / "wheel", MAP)
    (folder / "litellm-1.2.3.dist-info/sboms/bridge.json").unlink()
    table = extract(settings_for(tmp_path, folder))["prices"]
    assert set(table.column("edition_date").to_pylist()) == {NOW.date()}


def test_without_the_wheel_or_when_switched_off_it_is_not_configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = install(tmp_path / "wheel", MAP)
    monkeypatch.setattr(sys, "path", [])
    assert source.is_configured(settings_for(tmp_path, folder).source("litellm_prices"))
    nowhere = settings_for(tmp_path, tmp_path / "nowhere").source("litellm_prices")
    assert not source.is_configured(nowhere)
    off = load_settings(
        tmp_path,
        {"sources.litellm_prices.folder": str(folder), "sources.litellm_prices.enabled": False},
    )
    assert not source.is_configured(off.source("litellm_prices"))


def test_litellm_itself_is_never_imported(tmp_path: Path) -> None:
    """Its code would bring its dependencies, start-up and calls home."""
    extract(settings_for(tmp_path, install(tmp_path / "wheel", MAP)))
    assert "litellm" not in sys.modules


def test_every_number_of_the_installed_map_is_a_row() -> None:
    """As many plain prices as the map has numbers under a name of a price, counted otherwise."""
    package = source.find_package(load_settings("unused").source("litellm_prices"))
    if package is None:
        pytest.skip("the price map is not installed: run `make install`")
    price_map = json.loads(Path(str(package.locate_file(source.MAP_FILE))).read_text())
    rows = price_rows(price_map)
    left_out = ("dbu_cost", "input_cost_per_token_cache_hit")
    wanted = {
        (key, name, round(float(f"{value:.12g}"), 18))
        for key, entry in price_map.items()
        if key != "sample_spec" and entry.get("litellm_provider")
        for name, value in entry.items()
        if "cost" in name and isinstance(value, int | float)
        and not any(word in name for word in left_out)
    }  # fmt: skip
    given = {(row["map_key"], row["price_key"], float(row["price"])) for row in rows}
    assert len(wanted) > 10_000
    assert sorted(wanted - given) == []
