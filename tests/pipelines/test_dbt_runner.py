"""dbt's parse of the project is kept for every home, and taken for no other project."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
from dbt.contracts.graph.manifest import Manifest

from pipelines.dbt_runner import KEPT, Parsed, read_parsed, write_parsed
from pipelines.signals import held_back
from tests.small_project import SmallProject

MODEL = "models/numbers.sql"


def built(project: SmallProject, home: str, fingerprint: str = "one") -> str:
    """Build, which has to succeed, and return the SQL that was built."""
    done = project.run(home, fingerprint)
    assert done.returncode == 0, done.stdout + done.stderr
    [result] = project.document("run_results.json", home)["results"]
    assert result["unique_id"] in project.document("manifest.json", home)["nodes"]
    assert json.loads(done.stdout.splitlines()[-1])["node"] == "numbers"
    return result["compiled_code"]


@pytest.fixture
def project(tmp_path: Path) -> SmallProject:
    small = SmallProject(tmp_path)
    small.write(MODEL, "select 1 as number")
    return small


def test_another_home_takes_the_kept_parse_and_another_fingerprint_does_not(
    project: SmallProject,
) -> None:
    assert built(project, "first") == "select 1 as number"
    # Nobody changes a model under the same fingerprint; so it shows which parse was taken.
    project.write(MODEL, "select 2 as number")
    assert built(project, "second") == "select 1 as number"
    assert built(project, "second", "two") == "select 2 as number"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Return the file of a parse, of an empty project."""
    path = tmp_path / "caches" / "parsed.zip"
    write_parsed(path, "one", Parsed(Manifest(), b"{}" * 1000))
    return path


def test_a_damaged_parse_is_not_taken(kept: Path) -> None:
    whole = kept.read_bytes()
    assert read_parsed(kept, "one") is not None
    assert read_parsed(kept, "two") is None
    one_bit = bytearray(whole)
    one_bit[len(whole) // 2] ^= 1
    for damaged in (b"", b"no archive", whole[: len(whole) // 2], bytes(one_bit)):
        kept.write_bytes(damaged)
        assert read_parsed(kept, "one") is None
    kept.unlink()
    assert read_parsed(kept, "one") is None


def test_the_newest_parses_are_kept(kept: Path) -> None:
    parsed = Parsed(Manifest(), b"{}")
    for number in range(KEPT + 2):
        write_parsed(kept.with_name(f"parsed-{number}.zip"), "one", parsed)
        os.utime(kept.with_name(f"parsed-{number}.zip"), (number, number))
    newest = {kept.name, *(f"parsed-{number}.zip" for number in range(3, KEPT + 2))}
    assert {file.name for file in kept.parent.iterdir()} == newest
    assert len(newest) == KEPT


def test_a_build_goes_on_where_no_parse_can_be_kept(project: SmallProject) -> None:
    project.kept.parent.write_text("a file where the folder should be")
    assert built(project, "first") == "select 1 as number"


def test_what_dbt_refuses_is_said_in_lines(project: SmallProject) -> None:
    project.write(MODEL, "select * from nowhere")
    done = project.run("first")
    assert done.returncode == 1
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert any(row["level"] == "error" and "nowhere" in row["message"] for row in said)
    project.write(MODEL, "select * from {{ ref('nothing') }}")
    done = project.run("second", "two")
    assert done.returncode == 1
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert any(row["level"] == "error" and "nothing" in row["message"] for row in said)


def test_a_stop_waits_until_what_was_started_can_be_ended() -> None:
    came: list[int] = []
    former = signal.signal(signal.SIGTERM, lambda number, _: came.append(number))
    try:
        with held_back(signal.SIGTERM):
            signal.raise_signal(signal.SIGTERM)
            assert came == []
        assert came == [signal.SIGTERM]
        signal.raise_signal(signal.SIGTERM)
        assert came == [signal.SIGTERM] * 2
    finally:
        signal.signal(signal.SIGTERM, former)
