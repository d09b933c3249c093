"""Langfuse: exports and API into one table, usage by known keys, an API that misbehaves."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.config import SettingsError
from pipelines.demo.server import Fault, ProviderServer
from pipelines.sources import langfuse
from tests.api_sources import Extraction, extract
from tests.pipelines.samples import write_sample
from tests.source_home import SourceHome

COUNTS = (
    "input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens, "
    "total_tokens"
)
KEYS = {"public_key": "pk-lf-1", "secret_key": "sk-lf-1"}


@pytest.fixture
def home(tmp_path: Path) -> SourceHome:
    return SourceHome(tmp_path / "home", "langfuse", "observations")


def observation(number: int, day: int = 1, **values: Any) -> dict[str, Any]:
    return {
        "id": f"o-{number}",
        "type": "GENERATION",
        "startTime": f"2026-09-0{day}T10:00:00.000Z",
        "providedModelName": "gpt-4o",
        "usageDetails": {"input": number, "total": number},
        **values,
    }


def write_api(folder: Path, *records: Any) -> Path:
    path = folder / "langfuse" / "api" / "observations.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return folder


def load(server: ProviderServer, **settings: Any) -> Extraction:
    known = settings.pop("known", None)
    address = {"base_url": server.address_of("langfuse")}
    return extract(langfuse, {**KEYS, **address, **settings}, known=known)


def test_an_export_is_kept_with_its_usage_and_without_its_content(
    home: SourceHome, tmp_path: Path
) -> None:
    home.load(write_sample("langfuse", tmp_path / "a.jsonl"))
    columns = (
        "observation_id, observation_type, trace_id, started_at::timestamp, model, provider, "
        f"response_id, cost_usd, {COUNTS}"
    )
    assert home.rows(columns) == [
        (
            "obs-1", "GENERATION", "t-1", datetime.fromisoformat("2026-01-24 09:20:46.847"),
            "gpt-4o-2024-08-06", "openai", "chatcmpl-l1", Decimal("0.00045"),
            40, 60, None, 15, 5, 120,
        ),
        (
            "obs-2", "EMBEDDING", "t-1", datetime.fromisoformat("2026-01-24 09:21:00"),
            "text-embedding-3-small", None, None, Decimal(0), 12, None, None, None, None, 12,
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("usage", "counts"),
    [
        (
            {"input_tokens": 3, "cache_read_input_tokens": 9, "cache_creation_input_tokens": 4,
             "output_tokens": 2},
            (3, 9, 4, 2, None, None),
        ),
        (
            {"promptTokens": 3, "completionTokens": 2, "totalTokens": 5, "my_own_key": 77},
            (3, None, None, 2, None, 5),
        ),
        (
            {"input": 3, "input_cache_read": 9, "output": 2, "output_reasoning": 1, "total": 15},
            (3, 9, None, 2, 1, 15),
        ),
    ],
)  # fmt: skip
def test_known_keys_of_the_usage_map_are_taken_and_no_other(
    home: SourceHome, tmp_path: Path, usage: dict[str, int], counts: tuple[Any, ...]
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(observation(1, usageDetails=usage)) + "\n")
    home.load(path)
    assert home.rows(COUNTS) == [counts]


def test_a_csv_export_reads_like_lines(home: SourceHome, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "id,type,start_time,provided_model_name,usage_details,total_cost\n"
        'o-1,GENERATION,2026-01-24 09:20:46.847000,gpt-4o,"{""input"": 40, ""output"": 2}",0.5\n'
    )
    home.load(path)
    columns = "observation_id, model, input_tokens, output_tokens, cost_usd"
    assert home.rows(columns) == [("o-1", "gpt-4o", 40, 2, Decimal("0.5"))]


def test_a_parquet_export_has_maps_and_no_prices(home: SourceHome, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    duckdb.execute(
        "copy (select 'o-1' as id, 'GENERATION' as type, 'gpt-4o' as provided_model_name, "
        "timestamp '2026-01-24 09:20:46.847' as start_time, 1.526 as latency, "
        "map {'input': 40, 'input_cached_tokens': 60, 'output': 2, 'total': 102} as usage_details) "
        f"to '{path}' (format parquet)"
    )
    report = home.load(path)
    assert (report.faults, report.records_loaded) == ([], 1)
    columns = "observation_id, started_at::timestamp, model, cost_usd, " + COUNTS
    moment = datetime.fromisoformat("2026-01-24 09:20:46.847")
    assert home.rows(columns) == [("o-1", moment, "gpt-4o", None, 40, 60, None, 2, None, 102)]


def test_days_of_the_api_are_paged_by_type_and_asked_for_with_usage(tmp_path: Path) -> None:
    records = [observation(number, day=1) for number in range(5)]
    embedding = observation(9, day=1, type="EMBEDDING")
    span = observation(10, day=1, type="SPAN")
    write_api(tmp_path, *records, embedding, span, observation(6, day=3))
    with ProviderServer(tmp_path) as server:
        result = load(server)
        asked = [query for _, query in server.requests]
    rows = result.tables["observations"]
    assert [row["observation_id"] for row in rows] == [f"o-{n}" for n in (0, 1, 2, 3, 4, 9, 6)]
    assert [row["input_tokens"] for row in rows] == [0, 1, 2, 3, 4, 9, 6]
    assert {query["type"][0] for query in asked} == {"GENERATION", "EMBEDDING"}
    assert max(int(query.get("cursor", ["0"])[0]) for query in asked) == 4
    empty = result.unit("observations:2026-09-02T00:00:00Z")
    assert (empty["records_read"], empty["is_complete"]) == (0, True)
    assert not result.unit("observations:2026-09-04T00:00:00Z")["is_complete"]


def test_a_restated_day_is_sent_again_and_no_other(tmp_path: Path) -> None:
    write_api(tmp_path, observation(1, day=1), observation(2, day=2))
    with ProviderServer(tmp_path) as server:
        first = load(server)
        assert not any(load(server, known=first.known()).tables.values())
        late = observation(2, day=2, usageDetails={"input": 70}, updatedAt="2026-09-03T00:00:00Z")
        write_api(tmp_path, observation(1, day=1), late)
        second = load(server, known=first.known())
    assert [row["load_unit_id"] for row in second.tables["load_units"]] == [
        "observations:2026-09-02T00:00:00Z"
    ]
    [row] = second.tables["observations"]
    assert (row["input_tokens"], row["updated_at"]) == (70, datetime(2026, 9, 3))  # noqa: DTZ001


@pytest.mark.parametrize("kind", ["rate_limit", "server_error"])
def test_a_passing_fault_is_waited_out_and_a_lasting_one_is_told(tmp_path: Path, kind: Any) -> None:
    write_api(tmp_path, observation(1))
    with ProviderServer(tmp_path, faults=[Fault(kind, seconds=0.01, times=2)]) as server:
        result = load(server)
    assert (result.faults, len(result.tables["observations"])) == ([], 1)
    with ProviderServer(tmp_path, faults=[Fault(kind, seconds=0.01, times=99)]) as server:
        result = load(server, request_attempts=2)
    [fault] = result.faults
    assert "Langfuse" in fault
    assert "sk-lf" not in fault


def test_a_refused_key_is_told_with_its_remedy_and_without_itself(tmp_path: Path) -> None:
    with ProviderServer(write_api(tmp_path, observation(1))) as server:
        # At this address the server takes another provider's keys.
        result = load(server, base_url=server.anthropic_url)
    [fault] = result.faults
    assert "SOURCES__LANGFUSE__PUBLIC_KEY" in fault
    assert "sk-lf" not in fault
    assert not any(result.tables.values())


def test_half_a_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="PUBLIC_KEY"):
        extract(langfuse, {"secret_key": "sk-lf-1"})


def test_costs_that_come_as_decimal_texts_are_amounts(home: SourceHome, tmp_path: Path) -> None:
    """Prices are texts in the API, and some exports write costs likewise; no digit is lost."""
    path = tmp_path / "a.jsonl"
    cost = {"totalCost": "0.000123456789", "inputPrice": "0.0000025", "outputPrice": "0.00001"}
    path.write_text(json.dumps(observation(1, **cost)) + "\n")
    home.load(path)
    assert home.rows("cost_usd") == [(Decimal("0.000123456789"),)]
