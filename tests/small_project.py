"""A dbt project of a model or two, with the profile of Bursar, in homes of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from pipelines.config import load_settings
from pipelines.dbt_call import dbt_environment
from pipelines.engines import DUCKDB, open_engine
from tests.system.world import ROOT

PROJECT = "name: small\nprofile: bursar\nmodel-paths: [models]\ntest-paths: [tests]\n"


class SmallProject:
    """The project, its homes, and the place of its kept parse."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept = folder / "cache" / "parsed.zip"
        (folder / "project" / "models").mkdir(parents=True)
        (folder / "project" / "dbt_project.yml").write_text(PROJECT)

    def write(self, name: str, text: str) -> None:
        """Write a file below the project's folder."""
        path = self.folder / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run(
        self, home: str = "home", fingerprint: str = "one", **settings: str
    ) -> subprocess.CompletedProcess[str]:
        """Build in a home that may be new."""
        place = self.folder / home
        for name in ("warehouse", "scratch"):
            (place / name).mkdir(parents=True, exist_ok=True)
        (place / "warehouse" / "lake_files.jsonl").write_text("")
        found = load_settings(place)
        return subprocess.run(
            [
                sys.executable, "-m", "pipelines.dbt_runner", str(self.kept), fingerprint,
                str(place / "target"), "build",
            ],
            env={
                **dbt_environment(found, open_engine(found, DUCKDB)),
                "DBT_PROJECT_DIR": str(self.folder / "project"),
                **settings,
            },
            cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip

    def document(self, name: str, home: str = "home") -> dict[str, Any]:
        """Return a document that the last build of a home wrote."""
        return json.loads((self.folder / home / "target" / name).read_text())
