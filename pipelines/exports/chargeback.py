"""Exports one month's chargeback pack: collect once, then write the formats that are asked for."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.config import Settings, SettingsError
from pipelines.exports.manifest import listed_files, write_manifest
from pipelines.exports.pack import Pack, collect
from pipelines.ledger.closes import closes
from pipelines.ledger.frozen import changed_tables
from pipelines.publish import require_publication

Writer = Callable[[Pack, Path], list[Path]]
FORMATS = ("xlsx", "pdf", "csv", "focus", "journal")


def export_chargeback(
    settings: Settings, month: date, teams: list[str], formats: list[str], out: Path
) -> dict[str, Any]:
    """Write the files of a month into a folder and say which; a refused export leaves the last."""
    wanted = check_formats(formats, teams)
    if out.exists() and not out.is_dir():
        raise SettingsError(f"--out {out} is a file: give a folder.")
    publication = require_publication(settings)
    pack = collect(publication, month, tuple(teams))
    if pack.is_closed:
        _hold_to_the_close(settings, publication, pack)
    out.mkdir(parents=True, exist_ok=True)
    # On the same disk, so that each file appears whole; a failed export leaves the last one.
    with tempfile.TemporaryDirectory(prefix=".chargeback_", dir=out) as scratch:
        files: list[Path] = []
        for name in wanted:
            files += _writers(publication)[name](pack, Path(scratch))
        files.append(write_manifest(pack, wanted, files, Path(scratch)))
        outdated = listed_files(pack, out) - {path.name for path in files}
        # The manifest last: until it is there, the one before still lists what is to be removed.
        written = [path.replace(out / path.name) for path in files[:-1]]
        for name in sorted(outdated):
            (out / name).unlink(missing_ok=True)
        written.append(files[-1].replace(out / files[-1].name))
    return {
        "export": {
            "month": pack.month_id,
            "period_status": pack.status,
            "teams": len({row["team_id"] for row in pack.rows["statements"]}),
            "lines": len(pack.rows["lines"]),
            "publication": pack.about["publication_id"],
            "folder": str(out),
        },
        "files": [{"file": path.name, "bytes": path.stat().st_size} for path in written],
    }


def _hold_to_the_close(settings: Settings, publication: Path, pack: Pack) -> None:
    """Raise SettingsError where a publication says something else of a month than was closed."""
    changed = [table for _, table in changed_tables(publication, closes(settings), pack.month_id)]
    if changed:
        raise SettingsError(
            f"{publication} has other rows of {pack.month_id} in {', '.join(changed)} than were "
            "closed, so nothing is exported: run `bursar build --full`."
        )


def pack_folder(settings: Settings, month: date, teams: list[str]) -> Path:
    """Return where a month's pack is written by default; raise SettingsError for some teams."""
    if teams:
        raise SettingsError(
            "A pack of some teams would replace the month's pack of all: give it a folder of its "
            "own with --out."
        )
    return settings.packs / f"{month:%Y-%m}"


def check_formats(formats: list[str], teams: list[str]) -> list[str]:
    """Return the formats in the order of writing; raise SettingsError for what is none."""
    if wrong := [name for name in formats if name not in FORMATS]:
        raise SettingsError(f"--format has {', '.join(wrong)}: choose from {', '.join(FORMATS)}.")
    if teams and "journal" in formats:
        raise SettingsError(
            "A journal is of whole documents and would not balance for some teams: "
            "leave out --team, or journal in --format."
        )
    if not formats:
        raise SettingsError(f"--format is empty: choose from {', '.join(FORMATS)}.")
    return [name for name in FORMATS if name in formats]


def _writers(publication: Path) -> dict[str, Writer]:
    from pipelines.exports import focus, journal, pdf, tables, workbook

    return {
        "xlsx": lambda pack, folder: [
            workbook.write_workbook(pack, folder / f"chargeback_{pack.month_id}.xlsx")
        ],
        "pdf": lambda pack, folder: [
            pdf.write_pdf(pack, folder / f"chargeback_{pack.month_id}.pdf")
        ],
        "csv": tables.write_tables,
        "focus": lambda pack, folder: focus.write_focus(publication, pack, folder),
        "journal": journal.write_journal,
    }
