"""Compaction: fewer files, the same rows, and nobody who reads is disturbed."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from pipelines.compact import FEWEST_FILES, compact_lake
from pipelines.config import Settings, load_settings
from pipelines.lake import Lake, read_units, write_manifest
from pipelines.load import load_sources
from pipelines.trace_records import lake_row

LOADS = FEWEST_FILES + 1


def silent(done: int, total: int | None, what: str) -> None:
    """Report nothing."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    logs = tmp_path / "logs"
    logs.mkdir()
    return load_settings(tmp_path / "home", {"sources.litellm.files": f"{logs}/*.jsonl"})


def deliver(settings: Settings, number: int) -> None:
    folder = Path(settings.overrides["sources.litellm.files"]).parent
    record = {"request_id": f"request-{number}", "startTime": "2026-08-01 09:00:00", "model": "m"}
    (folder / f"{number}.jsonl").write_text(json.dumps(record) + "\n")
    (report,) = load_sources(settings, ["litellm"], silent)
    assert (report.records_loaded, report.faults) == (1, [])


def rows(lake: Lake) -> list[tuple[str, str]]:
    """Return request and load of every row that a reader of the manifest sees."""
    found = []
    for file in lake.files("litellm"):
        if file.table_name == "spend_logs":
            load = "_compacted_load_id" if file.is_compacted else f"'{file.load_ids[0]}'"
            found += duckdb.execute(
                f"select request_id, {load} from read_parquet(?, hive_partitioning = false)",
                [file.path],
            ).fetchall()
    return sorted(found)


def test_compaction_keeps_every_row_with_its_load(settings: Settings) -> None:
    for number in range(LOADS):
        deliver(settings, number)
    lake = Lake(settings.lake_url)
    before, units = rows(lake), read_units(lake, "litellm")
    compact_lake(settings)
    assert rows(lake) == before
    assert [name for name, _ in before] == [f"request-{number}" for number in range(LOADS)]
    assert len({load for _, load in before}) == LOADS
    assert sorted(unit["load_unit_id"] for unit in read_units(lake, "litellm")) == sorted(
        unit["load_unit_id"] for unit in units
    )
    assert sum(file.table_name == "spend_logs" for file in lake.files("litellm")) == 1


def test_a_restated_line_is_found_as_its_load_had_it(settings: Settings) -> None:
    lake, loads = Lake(settings.lake_url), []
    file = Path(settings.overrides["sources.litellm.files"]).parent / "0.jsonl"
    for number in range(LOADS):
        record = {"request_id": f"request-{number}", "startTime": "2026-08-01 09:00:00"}
        file.write_text(json.dumps(record) + "\n")
        load_sources(settings, ["litellm"], silent)
        loads.append(lake.committed_loads("litellm")[-1])
    compact_lake(settings)
    unit = f"file:{file}"
    found = [lake_row(settings, "litellm", unit, load, 1)[1] for load in loads]
    assert [row and row["request_id"] for row in found] == [
        f"request-{number}" for number in range(LOADS)
    ]


def test_who_has_listed_the_old_files_can_still_read_them(settings: Settings) -> None:
    for number in range(LOADS):
        deliver(settings, number)
    listed = write_manifest(Lake(settings.lake_url), settings.warehouse / "lake_files.jsonl")
    compact_lake(settings)
    assert all(Path(file.path).exists() for file in listed)


def test_replaced_files_go_with_a_compaction_a_day_later(settings: Settings) -> None:
    for number in range(LOADS):
        deliver(settings, number)
    lake = Lake(settings.lake_url)
    old = [Path(file.path) for file in lake.files("litellm")]
    compact_lake(settings)
    before = rows(lake)
    for record in Path(lake.dataset("litellm"), "_compactions").glob("*.json"):
        content = json.loads(record.read_text())
        record.write_text(json.dumps({**content, "compacted_at": "2020-01-01T00:00:00+00:00"}))
    compact_lake(settings)
    assert not any(path.exists() for path in old)
    assert rows(lake) == before


def test_what_is_loaded_after_a_compaction_is_compacted_by_the_next(settings: Settings) -> None:
    for number in range(LOADS):
        deliver(settings, number)
    compact_lake(settings)
    for number in range(LOADS, 2 * LOADS):
        deliver(settings, number)
    compact_lake(settings)
    lake = Lake(settings.lake_url)
    assert [name for name, _ in rows(lake)] == sorted(
        f"request-{number}" for number in range(2 * LOADS)
    )
    assert sum(file.table_name == "spend_logs" for file in lake.files("litellm")) == 1


def test_a_file_without_its_record_does_not_count(settings: Settings) -> None:
    for number in range(LOADS):
        deliver(settings, number)
    lake = Lake(settings.lake_url)
    before = rows(lake)
    compact_lake(settings)
    for record in Path(lake.dataset("litellm"), "_compactions").glob("*.json"):
        record.unlink()
    assert rows(lake) == before
