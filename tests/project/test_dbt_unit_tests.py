"""dbt's unit tests: what a model makes of made-up rows; `bursar build` audits data, not code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from pipelines.config import PROJECT_ROOT


def test_every_unit_test_of_a_model_holds(tmp_path: Path) -> None:
    (tmp_path / "warehouse").mkdir()
    target = tmp_path / "target"
    command = [str(Path(sys.executable).with_name("dbt")), "--quiet", "--log-path", str(tmp_path)]
    place = ["--target-path", str(target), "--project-dir", str(PROJECT_ROOT)]
    environment = {
        **os.environ,
        "BURSAR_HOME": str(tmp_path),
        "DBT_PROFILES_DIR": str(PROJECT_ROOT),
    }
    # The inputs of a unit test must be there, empty and typed.
    for step in (["run", "--empty"], ["test", "--select", "test_type:unit"]):
        if step[0] == "run":
            subprocess.run(
                [*command, "seed", *place], env=environment, cwd=PROJECT_ROOT, check=True
            )
        done = subprocess.run(
            [*command, *step, *place],
            env=environment,
            cwd=PROJECT_ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-4000:]
    results = json.loads((target / "run_results.json").read_text())["results"]
    statuses = [row["status"] for row in results if row["unique_id"].startswith("unit_test.")]
    assert len(statuses) > 20
    assert set(statuses) == {"pass"}
