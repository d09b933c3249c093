"""Checks a home and says what to do: settings, disk, lock, lake, build file, publication."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from pipelines.build import read_state
from pipelines.config import Settings, SettingsError
from pipelines.home import check_format, read_format
from pipelines.lake import Lake, LakeFile, read_units
from pipelines.privacy.audit import audit_path, broken_line
from pipelines.privacy.retention import UnreadableFileError, overdue, retention_days
from pipelines.privacy.tables import JOURNAL
from pipelines.publish import WRITING, current_publication, publications

FREE_BYTES = 1 << 30
CLOCK_AHEAD = timedelta(minutes=5)
FOOTERS_AT_ONCE = 8
READ_AGAIN = "`bursar restore` it from a backup, or `bursar doctor --repair` to load it again."


@dataclass(frozen=True)
class Finding:
    """What one check found; `state` is ok, warning or error."""

    check: str
    state: str
    finding: str
    remedy: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Run every check; one that fails does not hide the others."""
    findings: list[Finding] = []
    for check in CHECKS:
        try:
            findings += check(settings)
        except SettingsError as error:
            findings.append(Finding(check.__name__.strip("_"), "error", str(error)))
        except OSError as error:
            reason = f"{error.filename}: {error.strerror}"
            remedy = "Mend the file's rights or the disk."
            findings.append(Finding(check.__name__.strip("_"), "error", reason, remedy))
    return findings


def damaged_files(lake: Lake, source_name: str) -> list[tuple[LakeFile, str]]:
    """Return the readable files whose Parquet cannot be read, with the reason."""
    files = lake.files(source_name)

    def look(file: LakeFile) -> tuple[LakeFile, str] | None:
        with lake.connection() as connection:
            try:
                connection.execute("select * from parquet_file_metadata(?)", [file.path]).fetchall()
                connection.execute("select * from read_parquet(?) limit 1", [file.path]).fetchall()
            except (duckdb.Error, OSError) as failure:
                return file, str(failure).splitlines()[0]
        return None

    with ThreadPoolExecutor(FOOTERS_AT_ONCE) as pool:
        return [found for found in pool.map(look, files) if found]


def put_aside(lake: Lake, file: LakeFile) -> None:
    """Take the loads of a damaged file back: the next load reads what they held again."""
    for load_id in file.load_ids:
        folder = f"{lake.dataset(file.source_name)}/_dlt_loads"
        for record in lake.filesystem.ls(folder, detail=False):
            if str(record).endswith(f"__{load_id}.jsonl"):
                aside = f"{lake.dataset(file.source_name)}/_damaged/{load_id}.jsonl"
                lake.filesystem.makedirs(aside.rsplit("/", 1)[0], exist_ok=True)
                lake.filesystem.mv(str(record), aside)


def _settings(settings: Settings) -> Iterator[Finding]:
    settings.check()
    check_format(read_format(settings), settings.home)
    yield Finding("settings", "ok", "settings can be read")


def _disk(settings: Settings) -> Iterator[Finding]:
    if not settings.home.is_dir():
        yield Finding(
            "disk", "warning", f"{settings.home} is not there yet", "`bursar run` makes it."
        )
        return
    probe = settings.home / f".doctor{WRITING}"
    try:
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        reason = f"{settings.home} cannot be written: {error.strerror}"
        yield Finding("disk", "error", reason, "Give the user of Bursar the right to write there.")
        return
    free = shutil.disk_usage(settings.home).free
    state = "ok" if free >= FREE_BYTES else "error"
    remedy = "" if state == "ok" else "Make room, or move the home to a larger disk."
    yield Finding("disk", state, f"{free / 1e9:.1f} GB free", remedy)


def _lock(settings: Settings) -> Iterator[Finding]:
    path = settings.home / "run.lock"
    if not path.exists():
        return
    with path.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = path.read_text().strip()
            yield Finding("lock", "warning", f"process {holder} works in this home", "Wait for it.")
            return
    yield Finding("lock", "ok", "no run is under way")


def _lake(settings: Settings) -> Iterator[Finding]:
    lake = Lake(settings.lake_url)
    now = datetime.now(tz=UTC)
    files = 0
    for source in lake.sources():
        files += len(lake.files(source))
        for file, reason in damaged_files(lake, source):
            yield Finding("lake", "error", f"{file.path} is damaged: {reason}", READ_AGAIN)
        newest = max((float(load) for load in lake.committed_loads(source)), default=0.0)
        ahead = datetime.fromtimestamp(newest, tz=UTC) - now
        if ahead > CLOCK_AHEAD:
            found = f"the newest load of {source} is {ahead} ahead of the clock"
            yield Finding("clock", "warning", found, "Set the clock right; loads stay in order.")
    yield Finding("lake", "ok", f"{files} files in {settings.lake_url} were looked at")


def _build_file(settings: Settings) -> Iterator[Finding]:
    path = settings.build_path
    if not path.exists():
        yield Finding("build file", "ok", "none: the next build makes it from the lake")
        return
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            connection.execute("select 1 from bursar_state.built_loads limit 1").fetchall()
        yield Finding("build file", "ok", f"{path.stat().st_size / 1e6:.1f} MB")
    except duckdb.Error as error:
        reason = f"{path} cannot be read: {str(error).splitlines()[0]}"
        yield Finding("build file", "warning", reason, "The next build makes it from the lake.")


def _publication(settings: Settings) -> Iterator[Finding]:
    current = current_publication(settings)
    if current is None:
        yield Finding("publication", "warning", "nothing is published", "Run `bursar run`.")
        return
    try:
        with duckdb.connect(str(current), read_only=True) as connection:
            connection.execute("select * from publication").fetchall()
    except duckdb.Error as error:
        reason = f"{current} cannot be read: {str(error).splitlines()[0]}"
        yield Finding("publication", "error", reason, "Run `bursar rollback`, then `bursar build`.")
        return
    built = read_state(settings).get("publication")
    if built and built not in current.name:
        found = f"readers see {current.name}, the last build made {built}"
        yield Finding("publication", "warning", found, "`bursar build --full` goes forward again.")
        return
    kept = len(publications(settings)) - 1
    yield Finding("publication", "ok", f"{current.name}, {kept} earlier kept")


def _salt(settings: Settings) -> Iterator[Finding]:
    path = settings.home / "salt"
    if path.exists() and path.stat().st_mode & 0o077:
        yield Finding("salt", "warning", f"{path} can be read by others", f"chmod 600 {path}")


def _retention(settings: Settings) -> Iterator[Finding]:
    if (settings.home / JOURNAL).exists():
        found = "a purge was broken off: some of what is to be forgotten may still be read"
        yield Finding("retention", "error", found, "`bursar purge` finishes it.")
    rows: dict[str, int] = {}
    days = retention_days(settings)
    # What is damaged is said of the lake already.
    with suppress(UnreadableFileError):
        for one in overdue(settings):
            rows[one.table.family] = rows.get(one.table.family, 0) + one.rows
    for family, count in rows.items():
        found = f"{count} rows say what persons did more than {days[family]} days ago ({family})"
        yield Finding("retention", "warning", found, "`bursar purge` forgets who it was.")
    if line := broken_line(settings):
        found = f"line {line} of {audit_path(settings)} does not follow the one before it"
        yield Finding("audit log", "error", found, "Ask who changed it; a backup has what it was.")


CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    _settings, _disk, _lock, _lake, _build_file, _publication, _salt, _retention,
)  # fmt: skip


def repair(settings: Settings) -> list[dict[str, str]]:
    """Put the loads of damaged lake files aside, so that they come again.

    Return the load units that were in them: each has to be where it came from at the next load.
    """
    lake = Lake(settings.lake_url)
    lost: list[dict[str, str]] = []
    for source in lake.sources():
        damaged = [file for file, _ in damaged_files(lake, source)]
        if not damaged:
            continue
        bad = frozenset(file.path for file in damaged)
        before = {unit["load_unit_id"]: unit for unit in read_units(lake, source, without=bad)}
        for file in damaged:
            put_aside(lake, file)
        after = {unit["load_unit_id"]: unit for unit in read_units(lake, source)}
        lost += [
            {"source_name": source, "location": unit["location"], "state": _there(unit)}
            for unit_id, unit in before.items()
            if after.get(unit_id) != unit
        ]
    return lost


def _there(unit: dict[str, Any]) -> str:
    if unit["unit_kind"] != "file" or "://" in unit["location"]:
        return "comes again at the next load"
    is_there = Path(unit["location"]).exists()
    return "comes again at the next load" if is_there else "is not there: deliver it again"
