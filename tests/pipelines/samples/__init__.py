"""Good records of each source that reads files, in the source's own form, written for this project.

A file `<source>.jsonl` here is all that tests/pipelines/test_file_sources.py needs of a source: it
holds each of them to the same promises. Where a record carries content, it is the secret below.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
SECRET = "the merger of Umbrella and Initech is secret"
PERSON = "ann@example.com"
SOURCES = sorted(path.name.split(".")[0] for path in FOLDER.glob("*.jsonl"))


def sample(source: str) -> list[dict[str, Any]]:
    """Return a source's good records."""
    lines = (FOLDER / f"{source}.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def write_sample(source: str, path: Path) -> Path:
    """Write a source's good records to a file; return its path."""
    path.write_text((FOLDER / f"{source}.jsonl").read_text())
    return path
