"""Events that Panther's rules are tested with, read where they lie beside the repository."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "panther_logs"


def panther_events(kind: str) -> list[Any]:
    """Return the events of a kind of log; skip, saying so, where the data are not at hand."""
    path = FOLDER / f"{kind}.jsonl.gz"
    if not path.exists():
        pytest.skip(f"../shared/data/panther_logs is absent: no {kind} to load")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line)["log"] for line in lines]
