"""Units, crontab and workflow say what the project has."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNITS = sorted((ROOT / "deploy" / "systemd").iterdir())


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_takes_the_units(unit: Path, tmp_path: Path) -> None:
    for path in UNITS:
        text = path.read_text().replace("/opt/bursar/.venv/bin/bursar", shutil.which("true"))
        (tmp_path / path.name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / unit.name)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    complaints = [line for line in done.stderr.splitlines() if unit.name in line]
    assert complaints == []


def test_the_workflow_does_what_ci_does_with_pinned_actions() -> None:
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    actions = re.findall(r"uses: (\S+)", text)
    assert actions
    assert [name for name in actions if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", name)] == []
    assert re.findall(r"- run: (.+)", text) == [".ci/run"]


def test_the_crontab_runs_a_command_that_is_there() -> None:
    [line] = [
        line for line in (ROOT / "deploy" / "bursar.cron").read_text().splitlines()
        if line and not line.startswith(("#", "BURSAR_"))
    ]  # fmt: skip
    assert re.fullmatch(r"[\d*/ ,-]+ bursar .*\.venv/bin/bursar run --json .*", line)
