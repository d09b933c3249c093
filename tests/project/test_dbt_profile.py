"""What `profiles.yml` sets holds in a build that needs more room than memory."""

from __future__ import annotations

from pathlib import Path

from pipelines.machine import BUILD_MEMORY, THREADS
from tests.project.repository import read
from tests.small_project import SmallProject

# Twenty million rows in order of a hash: some 300 MB, of which not all fit.
SORTED = "select hash(range) as digest, range from range(20000000) order by digest"


def test_a_build_goes_on_after_it_has_spilled(tmp_path: Path) -> None:
    project = SmallProject(tmp_path)
    project.write("models/wide.sql", "{{ config(materialized='table') }}\n" + SORTED)
    project.write("models/after.sql", "select count(*) as found from {{ ref('wide') }}")
    done = project.run(BURSAR_MEMORY_LIMIT="200MB")
    assert done.returncode == 0, done.stdout[-2000:]


def test_the_profile_takes_what_the_rest_of_a_run_says_that_a_build_takes() -> None:
    profile = read("profiles.yml")
    assert f"env_var('BURSAR_MEMORY_LIMIT', '{BUILD_MEMORY}')" in profile
    assert f"threads: {THREADS}" in profile
