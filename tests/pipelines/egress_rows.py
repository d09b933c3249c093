"""What tests of single sources of traffic ask of the lake."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipelines.load import LoadReport
from tests.source_home import SourceHome


class EgressHome(SourceHome):
    """A home into which one source of traffic is loaded, every host with its name."""

    table = "egress"

    def load_text(self, text: str, name: str = "traffic.log", **settings: Any) -> LoadReport:
        """Load one file of a text."""
        path = self.folder.parent / name
        path.write_text(text)
        return self.load(path, **({"smallest_group": 1} | settings))

    def hosts(self, columns: str = "host, record_count") -> list[Any]:
        """Return columns of all rows, in the order of the file."""
        rows = self.rows(f"source_line, {columns}", order="source_line")
        return [row[1:] for row in rows]


def egress_home(source: str, folder: Path) -> EgressHome:
    """Return a new home for a source."""
    return EgressHome(folder / "home", source)
