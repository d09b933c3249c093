"""What `profiles.yml` sets holds in a build that needs more room than memory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "name: spilling\nprofile: bursar\nmodel-paths: [models]\n"
# Twenty million rows in order of a hash: some 300 MB, of which not all fit.
SORTED = "select hash(range) as digest, range from range(20000000) order by digest"


def test_a_build_goes_on_after_it_has_spilled(tmp_path: Path) -> None:
    home, models = tmp_path / "home", tmp_path / "project" / "models"
    models.mkdir(parents=True)
    (home / "warehouse").mkdir(parents=True)
    (home / "scratch").mkdir()
    (home / "warehouse" / "lake_files.jsonl").write_text("")
    (tmp_path / "project" / "dbt_project.yml").write_text(PROJECT)
    (models / "wide.sql").write_text("{{ config(materialized='table') }}\n" + SORTED)
    (models / "after.sql").write_text("select count(*) as found from {{ ref('wide') }}")
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("dbt")), "build",
            "--project-dir", str(tmp_path / "project"), "--profiles-dir", str(ROOT),
        ],
        env={**os.environ, "BURSAR_HOME": str(home), "BURSAR_MEMORY_LIMIT": "200MB"},
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:]
