"""Every source that reads files keeps the same promises, shown on its records in samples/."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import fsspec
import pytest

from pipelines.load import source_modules
from tests.litellm_logs import parquet_bytes
from tests.pipelines.samples import PERSON, SECRET, SOURCES, sample, write_sample
from tests.source_home import SourceHome


@pytest.fixture(params=SOURCES)
def home(request: pytest.FixtureRequest, tmp_path: Path) -> SourceHome:
    [table, *_] = source_modules()[request.param].TABLES
    return SourceHome(tmp_path / "home", request.param, table)


def write(path: Path, records: list[Any]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def test_its_records_load_whole_and_once(home: SourceHome, tmp_path: Path) -> None:
    path = write_sample(home.source, tmp_path / "a.jsonl")
    report = home.load(path)
    assert (report.faults, report.records_quarantined) == ([], 0)
    assert report.records_loaded >= len(sample(home.source))
    path.touch()
    assert home.load(path).units == 0
    twin = home.load(path, write_sample(home.source, tmp_path / "b.jsonl"))
    assert (twin.records_loaded, twin.records_duplicate) == (0, report.records_loaded)


def test_a_changed_file_comes_again_and_a_bad_line_is_named(
    home: SourceHome, tmp_path: Path
) -> None:
    records = sample(home.source)
    path = write(tmp_path / "a.jsonl", records)
    home.load(path)
    path.write_text(json.dumps(records[0]) + "\n\n{broken\n[1]\n" + json.dumps(records[-1]) + "\n")
    report = home.load(path)
    assert report.faults == []
    assert report.records_quarantined == 2
    assert [reason for _, reason in home.reasons()] == ["malformed_json", "not_an_object"]
    assert report.records_read == report.records_loaded + report.records_quarantined


def test_a_file_that_is_one_array_is_read_like_lines(home: SourceHome, tmp_path: Path) -> None:
    records = sample(home.source)
    lines = home.load(write(tmp_path / "a.jsonl", records))
    (tmp_path / "b.json").write_text(json.dumps(records, indent=2))
    array = home.load(tmp_path / "a.jsonl", tmp_path / "b.json")
    assert (array.records_loaded, array.records_quarantined) == (lines.records_loaded, 0)


def test_a_bucket_is_read_like_a_folder(home: SourceHome, tmp_path: Path, bucket: str) -> None:
    write_sample(home.source, tmp_path / "a.jsonl")
    packed = tmp_path / "b.jsonl.gz"
    packed.write_bytes(gzip.compress((tmp_path / "a.jsonl").read_bytes()))
    fsspec.filesystem("s3").put_file(str(tmp_path / "a.jsonl"), f"{bucket}/logs/2026/a.jsonl")
    report = home.load(f"{bucket}/logs")
    assert (report.faults, report.records_quarantined) == ([], 0)
    assert report.records_loaded >= len(sample(home.source))
    fsspec.filesystem("s3").put_file(str(packed), f"{bucket}/logs/2026/b.jsonl.gz")
    again = home.load(f"{bucket}/logs")
    assert (again.units, again.faults) == (1, [])


def test_no_content_and_no_person_is_kept(home: SourceHome, tmp_path: Path) -> None:
    text = (tmp_path / "a.jsonl", home.folder)
    home.load(write_sample(home.source, text[0]))
    kept = parquet_bytes(home.folder)
    for secret in (SECRET, PERSON, "user:pw", "sk-1"):
        assert secret.encode() not in kept
