"""The closed months of a home: a folder each, with `close.json` and the files that it lists.

A close's number rises by one; its document has the sha256 of the document before, so that none can
be changed, taken out or put in without the ones behind it saying so.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pipelines.config import Settings, SettingsError

CLOSE = "close.json"
WRITING = ".closing"
NEEDED = (
    "closed_by", "is_forced", "previous_close_sha256", "bursar_version", "code_version",
    "code_sha256", "built_on", "price_version", "price_cutoff", "reporting_currency",
)  # fmt: skip


@dataclass(frozen=True)
class Close:
    """One closed month."""

    folder: Path

    @property
    def path(self) -> Path:
        """Its document."""
        return self.folder / CLOSE

    @property
    def month_id(self) -> str:
        """The month as 2026-10."""
        return self.folder.name

    @cached_property
    def document(self) -> dict[str, Any]:
        """What is needed of what it says; SettingsError where it is damaged."""
        try:
            found = json.loads(self.path.read_bytes())
            files = {name: str(entry["sha256"]) for name, entry in found["files"].items()}
            needed = {name: found[name] for name in NEEDED}
            return {**needed, "close_number": int(found["close_number"]), "files": files}
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            raise SettingsError(
                f"{self.path} cannot be read as a close: restore the home's ledger folder from a "
                "backup (`bursar restore`)."
            ) from None

    @property
    def sha256(self) -> str:
        """The hash that the next close bears."""
        return sha256_of(self.path)


def closes(settings: Settings) -> list[Close]:
    """Return the closed months in the order in which they were closed."""
    found = [Close(path.parent) for path in settings.ledger_folder.glob(f"[0-9]*/{CLOSE}")]
    return sorted(found, key=lambda close: (close.document["close_number"], close.month_id))


def sha256_of(path: Path) -> str:
    """Return the hash of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
