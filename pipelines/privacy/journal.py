"""What makes a purge happen as a whole: a journal in the home of what is to count from now on.

It is written when every new file is there. From then on the purge happens, killed or not: whatever
works in the home next (pipelines/run.py) begins by finishing it, so that nothing loads, builds or
compacts half of it.
"""

from __future__ import annotations

import json
import os
import shutil
from typing import Any

from pipelines.compact import keep_record
from pipelines.config import Settings
from pipelines.lake import Lake
from pipelines.privacy.audit import note
from pipelines.privacy.retention import tables_loaded
from pipelines.privacy.tables import JOURNAL


def begin(settings: Settings, records: list[dict[str, Any]], said: dict[str, Any]) -> None:
    """Write the journal, at once: what replaces what, and what the audit log is told."""
    journal = settings.home / JOURNAL
    scratch = journal.with_suffix(".writing")
    with scratch.open("w") as file:
        json.dump({"records": records, "said": said}, file, default=str)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(journal)


def finish(settings: Settings) -> bool:
    """Bring what was begun to its end; tell whether there was anything. Twice is as once."""
    journal = settings.home / JOURNAL
    if not journal.exists():
        return False
    lake, begun = Lake(settings.lake_url), json.loads(journal.read_text())
    for entry in begun["records"]:
        record = dict(entry)
        source, name = record.pop("source_name"), record.pop("record")
        keep_record(lake, source, name, record)
    remove(lake, replaced_files(lake))
    _remove_built(settings)
    note(settings, "purge", **begun["said"])
    journal.unlink()
    return True


def replaced_files(lake: Lake) -> list[str]:
    """Return the files of purged tables that purges and compactions replaced: none may stay."""
    names = []
    for table in tables_loaded(lake):
        records = [
            record
            for record in lake.compactions(table.source_name)
            if record["table"] == table.table_name
        ]
        if any(record.get("is_purge") for record in records):
            names += [name for record in records for name in record["replaced"]]
    return names


def remove(lake: Lake, names: list[str]) -> None:
    """Remove files, by their paths below the lake's root, where they are there."""
    for name in names:
        path = f"{lake.root}/{name}"
        if lake.filesystem.exists(path):
            lake.filesystem.rm(path)


def _remove_built(settings: Settings) -> None:
    """Remove what was built of them: DuckDB leaves in its file what was deleted."""
    (settings.warehouse / "build_state.json").unlink(missing_ok=True)
    for path in settings.warehouse.glob("build.*"):
        if path.is_file():
            path.unlink()
    shutil.rmtree(settings.home / "scratch", ignore_errors=True)
