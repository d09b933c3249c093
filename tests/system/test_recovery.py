"""Backup, restore, rollback and doctor: a home comes back, and says what ails it."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.servers import bucket_server
from tests.system.world import (
    COSTS_AND_USAGE,
    bursar,
    command,
    differences,
    environment,
    fingerprint,
    link,
    one_sentence,
)

pytestmark = pytest.mark.slow


def findings(home: Path, *flags: str, code: int = 0) -> list[dict[str, str]]:
    """Return what `bursar doctor` finds that is not in order."""
    document = json.loads(bursar("doctor", *flags, "--json", home=home, code=code).stdout)
    return [finding for finding in document["findings"] if finding["state"] != "ok"]


def lake_file(home: Path, table: str) -> Path:
    """Return one Parquet file of a lake table."""
    return sorted((home / "lake").glob(f"{table}/**/*.parquet"))[0]


def test_a_backup_restores_to_the_same_publication_and_builds_on(copy: Path, tmp_path: Path):
    before = fingerprint(copy)
    salt = copy / "salt"  # as a home has where no setting gives one
    salt.write_text("a salt of its own")
    salt.chmod(0o600)
    first = json.loads(bursar("backup", str(tmp_path / "kept"), "--json", home=copy).stdout)
    again = json.loads(bursar("backup", str(tmp_path / "kept"), "--json", home=copy).stdout)
    assert first["backup"]["copied"] == first["backup"]["files"] > 20
    assert again["backup"]["copied"] == 0
    expected = Path(shutil.copy(link(copy).resolve(), tmp_path / "expected.duckdb"))
    shutil.rmtree(copy)
    bursar("restore", str(tmp_path / "kept"), home=copy)
    assert fingerprint(copy) == before
    assert (salt.read_text(), salt.stat().st_mode & 0o777) == ("a salt of its own", 0o600)
    assert not findings(copy)
    # The build file is not in a backup: the lake is.
    bursar("build", "--full", home=copy)
    assert differences(expected, link(copy)) == {}


def test_a_backup_in_a_bucket_restores(copy: Path, tmp_path: Path) -> None:
    with bucket_server("kept") as address:
        settings = {
            "AWS_ENDPOINT_URL": address,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        bursar("backup", "s3://kept/bursar", home=copy, **settings)
        bursar("restore", "s3://kept/bursar", home=tmp_path / "new", **settings)
    assert fingerprint(tmp_path / "new") == fingerprint(copy)


def test_restore_replaces_a_damaged_file_and_nothing_else(copy: Path, tmp_path: Path) -> None:
    bursar("backup", str(tmp_path / "kept"), home=copy)
    damaged = lake_file(copy, "raw_litellm/spend_logs")
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:100])
    [finding] = findings(copy, code=1)
    assert str(damaged) in finding["finding"]
    assert "bursar restore" in finding["remedy"]
    refused = one_sentence(bursar("backup", str(tmp_path / "kept"), home=copy, code=2))
    assert str(damaged) in refused
    done = json.loads(bursar("restore", str(tmp_path / "kept"), "--json", home=copy).stdout)
    assert done["restore"]["restored"] == 1
    assert done["damaged_files"] == [{"put_aside_as": f"{damaged}.damaged"}]
    assert damaged.read_bytes() == whole
    assert not findings(copy)


def test_a_damaged_backup_and_another_home_are_refused(copy: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    assert "no backup" in one_sentence(bursar("restore", str(kept), home=tmp_path / "new", code=2))
    bursar("backup", str(kept), home=copy)
    path = sorted((kept / "files" / "lake").rglob("*.parquet"))[0]
    path.write_bytes(b"other")
    said = one_sentence(bursar("restore", str(kept), home=tmp_path / "new", code=2))
    assert str(path) in said
    assert not link(tmp_path / "new").exists()
    (copy / "salt").write_text("one")
    bursar("backup", str(tmp_path / "salted"), home=copy)
    (copy / "salt").write_text("another")
    refused = one_sentence(bursar("restore", str(tmp_path / "salted"), home=copy, code=2))
    assert "has a salt of its own" in refused
    assert (copy / "salt").read_text() == "another"


def test_doctor_repairs_a_damaged_lake_file_from_the_source(copy: Path, tmp_path: Path) -> None:
    expected = Path(shutil.copy(link(copy).resolve(), tmp_path / "expected.duckdb"))
    damaged = lake_file(copy, "raw_litellm/spend_logs")
    damaged.write_bytes(damaged.read_bytes()[:100])
    before = fingerprint(copy)
    refused = bursar("build", "--full", home=copy, code=1)
    assert damaged.name in refused.stderr
    assert "bursar doctor" in refused.stderr
    assert fingerprint(copy) == before
    done = json.loads(bursar("doctor", "--repair", "--json", home=copy).stdout)
    assert {row["state"] for row in done["taken_back"]} == {"comes again at the next load"}
    bursar("run", home=copy)
    # The copy's files lie under another path, so the accounts name other units.
    assert differences(expected, link(copy), COSTS_AND_USAGE) == {}


def test_rollback_goes_back_and_the_next_news_go_forward(copy: Path) -> None:
    first = link(copy).resolve()
    bursar("build", "--full", home=copy)
    second = link(copy).resolve()
    assert second != first
    bursar("rollback", home=copy)
    assert link(copy).resolve() == first
    [finding] = findings(copy)
    assert finding["check"] == "publication"
    assert "no earlier publication" in one_sentence(bursar("rollback", home=copy, code=2))
    said = one_sentence(bursar("rollback", "nosuch", home=copy, code=2))
    assert first.stem.removeprefix("bursar_") in said
    bursar("build", home=copy)
    assert link(copy).resolve() == first
    bursar("rollback", second.stem.removeprefix("bursar_"), home=copy)
    assert link(copy).resolve() == second


def test_doctor_says_what_ails_a_home(copy: Path) -> None:
    assert not findings(copy)
    (copy / "warehouse" / "build.duckdb").write_bytes(b"no database")
    link(copy).resolve().write_bytes(b"no database")
    found = {finding["check"]: finding["state"] for finding in findings(copy, code=1)}
    assert found == {"build file": "warning", "publication": "error"}


def test_a_home_of_a_newer_version_is_refused(copy: Path) -> None:
    (copy / "home.json").write_text('{"home_format": 99}')
    before = fingerprint(copy)
    for name in ("run", "build", "rollback"):
        assert "newer Bursar" in one_sentence(bursar(name, home=copy, code=2))
    assert findings(copy, code=1)[0]["check"] == "settings"
    assert fingerprint(copy) == before


def build_until_dbt_works(home: Path) -> tuple[subprocess.Popen, psutil.Process]:
    """Start a build; return it and the dbt that it runs."""
    run = subprocess.Popen(
        command("build", "--full", home=home), env=environment(), cwd=home.parent,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with suppress(psutil.Error):  # others come and go while it starts
            for child in psutil.Process(run.pid).children():
                if "pipelines.dbt_runner" in child.cmdline():
                    return run, child
        time.sleep(0.01)
    raise AssertionError("dbt was not started")


def test_a_stopped_build_leaves_no_dbt_at_work_beside_the_next(copy: Path) -> None:
    before = fingerprint(copy)
    for number in (signal.SIGTERM, signal.SIGKILL):
        run, child = build_until_dbt_works(copy)
        run.send_signal(number)
        run.wait(60)
        if number == signal.SIGTERM:
            assert run.returncode == 128 + signal.SIGTERM
        else:
            assert "left behind" in one_sentence(bursar("build", home=copy, code=2))
            child.kill()
        _, alive = psutil.wait_procs([child], timeout=60)
        assert not alive
        assert fingerprint(copy) == before
    bursar("build", "--full", home=copy)
