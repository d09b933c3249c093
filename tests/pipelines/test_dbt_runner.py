"""dbt's parse of the project is kept for every home, and taken for no other project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("damage", [b"", b"no archive", None], ids=["empty", "other", "cut"])
def test_a_damaged_parse_is_made_again(project: SmallProject, damage: bytes | None) -> None:
    built(project, "first")
    whole = project.kept.read_bytes()
    project.kept.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    project.write(MODEL, "select 2 as number")
    assert built(project, "second") == "select 2 as number"


def test_a_byte_that_changed_in_the_kept_parse_is_noticed(project: SmallProject) -> None:
    built(project, "first")
    whole = bytearray(project.kept.read_bytes())
    whole[len(whole) // 4] ^= 1
    project.kept.write_bytes(whole)
    project.write(MODEL, "select 2 as number")
    assert built(project, "second") == "select 2 as number"


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
