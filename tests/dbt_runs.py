"""dbt on the project itself, as the build calls it, for tests of single models and of SQL."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from pipelines.config import PROJECT_ROOT, load_settings
from pipelines.dbt_call import code_fingerprint, dbt_command, dbt_environment, target_folder
from pipelines.engines import DUCKDB, open_engine

Row = dict[str, Any]


def run_dbt(home: Path, *arguments: str) -> list[Row]:
    """Run a command of dbt in a home; return its results, fail with what it says."""
    settings = load_settings(home)
    engine = open_engine(settings, DUCKDB)
    settings.warehouse.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [*dbt_command(settings, engine, code_fingerprint(engine)), *arguments],
        env=dbt_environment(settings, engine),
        cwd=PROJECT_ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    results = target_folder(settings) / "run_results.json"
    return json.loads(results.read_text())["results"] if results.exists() else []


def compile_models(home: Path, *names: str) -> dict[str, str]:
    """Return the models' own SQL by name: a fixture of a unit test may be a file of that name."""
    compiled = {
        row["unique_id"]: row["compiled_code"]
        for row in run_dbt(home, "compile", "--select", *names)
    }
    return {name: compiled[f"model.bursar.{name}"] for name in names}


def read_manifest(home: Path) -> dict[str, Any]:
    """Return dbt's manifest as the last command in a home wrote it."""
    return json.loads((target_folder(load_settings(home)) / "manifest.json").read_text())
