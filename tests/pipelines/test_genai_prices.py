"""The genai_prices source: what it hands to the lake, when, and that nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from genai_prices import types
from genai_prices.data import providers

from pipelines.config import load_settings
from pipelines.lake import COMMON, Lake, read_units
from pipelines.load import KnownUnit, load_source
from pipelines.sources import genai_prices as source
from pipelines.sources.genai_prices.flatten import price_rows, split_lookahead

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def extract(known: dict[str, KnownUnit] | None = None) -> dict[str, pa.Table]:
    """Return what the source yields, tables of one name together."""
    context: Any = SimpleNamespace(
        known_units=lambda: known or {}, now=NOW, progress=lambda *_: None
    )
    found: dict[str, list[pa.Table]] = {}
    for name, rows in source.extract(context):
        found.setdefault(name, []).append(rows)
    return {name: pa.concat_tables(tables) for name, tables in found.items()}


def known_units(tables: dict[str, pa.Table]) -> dict[str, KnownUnit]:
    """Return the load units as a later load would find them."""
    names = KnownUnit.__dataclass_fields__
    return {
        row["load_unit_id"]: KnownUnit(**{name: row[name] for name in names})
        for row in tables["load_units"].to_pylist()
    }


def package_prices() -> Iterator[Decimal]:
    """Yield every number the package holds as a price, found without the code under test."""
    for provider in providers:
        for model in provider.models:
            sets = model.prices if isinstance(model.prices, list) else [model]
            for price_set in [*sets, *(model.price_variants or [])]:
                for value in vars(price_set.prices).values():
                    if isinstance(value, types.TieredPrices):
                        yield value.base
                        yield from (tier.price for tier in value.tiers)
                    elif value is not None:
                        yield value


def test_tables_have_the_declared_columns() -> None:
    """What `extract` yields is what TABLES promises."""
    tables = extract()
    for name, schema in source.TABLES.items():
        assert tables[name].schema == pa.schema([*COMMON, *schema])


def test_every_price_of_the_package_is_in_the_table() -> None:
    """As many prices as the package holds, and the same sum to the last digit."""
    table = extract()["prices"]
    ours = [price for price in table.column("price").to_pylist() if price is not None]
    theirs = list(package_prices())
    assert len(ours) == len(theirs) > 7000
    assert sum(ours) == sum(theirs)


def test_every_model_has_a_price_set_and_a_match_rule() -> None:
    """No model is dropped, not even one without a price."""
    tables = extract()
    models = {(provider.id, model.id) for provider in providers for model in provider.models}
    for name in ("prices", "model_matches"):
        rows = tables[name].select(["provider_id", "model_id"]).to_pylist()
        assert {(row["provider_id"], row["model_id"]) for row in rows if row["model_id"]} == models


def test_load_units_count_the_rows() -> None:
    """One unit a table, named by the edition; read = loaded."""
    tables = extract()
    for unit in tables["load_units"].to_pylist():
        assert re.fullmatch(r"genai_prices:[0-9.]+:(prices|model_matches)", unit["load_unit_id"])
        assert unit["records_read"] == unit["records_loaded"] == tables[unit["table_name"]].num_rows
        assert unit["records_quarantined"] == unit["records_duplicate"] == 0


def test_a_known_edition_is_not_loaded_again() -> None:
    """Nothing is yielded where both units are known with the same content."""
    assert extract(known_units(extract())) == {}


def test_an_edition_with_other_content_is_loaded_again() -> None:
    """A unit whose content hash differs comes again, the other one does not."""
    known = known_units(extract())
    changed = next(unit for unit in known if unit.endswith(":prices"))
    known[changed] = replace(known[changed], content_sha256="other")
    assert set(extract(known)) == {"prices", "load_units"}


def test_patterns_are_ones_that_duckdb_knows() -> None:
    """Every pattern of the rules compiles, and a lookahead became a negated clause."""
    with duckdb.connect() as connection:
        connection.register("matches", extract()["model_matches"])
        patterns = connection.execute(
            "select count(*), count(*) filter (where is_negated), "
            "bool_and(regexp_matches('x', match_value) is not null) "
            "from matches where operator = 'regex'"
        ).fetchone()
    assert patterns[0] > 50
    assert patterns[1] >= 3
    assert patterns[2]


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"^(?!.*-[tT][tT][sS](?:$|-))", "gemini-2.5-pro-preview-tts"),
        (r"^(?!.*-[tT][tT][sS](?:$|-))", "gemini-2.5-pro-preview"),
        (r"^(?![^/]+/)(?:labs-)?(?:(?:mi|code)stral)", "mistral-large"),
        (r"^(?![^/]+/)(?:labs-)?(?:(?:mi|code)stral)", "openrouter/mistral-large"),
        (r"^(?!a\)b)x", "xy"),
        (r"^(?!a\)b)x", "a)bx"),
    ],
)
def test_a_split_lookahead_means_the_same(pattern: str, text: str) -> None:
    """The clauses hold together exactly where the pattern does."""
    clauses = split_lookahead(pattern)
    assert any(is_negated for _, _, is_negated in clauses)
    holds = all(bool(re.search(value, text)) != negated for _, value, negated in clauses)
    assert holds == bool(re.search(pattern, text))


def test_a_price_that_changes_within_a_minute_is_refused() -> None:
    """Times of day are whole minutes in the ledger; anything finer must not be rounded away."""
    price = types.ConditionalPrice(
        types.TimeOfDateConstraint(time(0, 30, 15), time(16, 30)),
        prices=types.ModelPrice(input_mtok=Decimal(1)),
    )
    model = types.ModelInfo(id="a", match=types.ClauseEquals("a"), prices=[price])
    provider = types.Provider(id="p", name="P", api_pattern="", models=[model])
    with pytest.raises(ValueError, match="whole minutes"):
        price_rows([provider], {"input_mtok": ("input_tokens", 1_000_000)})


def test_a_load_reaches_the_lake_once(tmp_path: Path) -> None:
    """Loading twice through dlt leaves one edition and says that nothing was new."""
    settings = load_settings(tmp_path)
    first = load_source(settings, source, lambda *_: None)
    second = load_source(settings, source, lambda *_: None)
    assert first.faults == second.faults == []
    assert first.records_loaded > 10_000
    assert second.units == 0
    assert len(read_units(Lake(settings.lake_url), "genai_prices")) == 2


def test_prices_can_be_switched_off() -> None:
    """The source is always configured, unless a setting says otherwise."""
    settings = load_settings("unused").source("genai_prices")
    assert source.is_configured(settings)
    off = load_settings("unused", {"sources.genai_prices.enabled": False}).source("genai_prices")
    assert not source.is_configured(off)
