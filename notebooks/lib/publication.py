"""The published DuckDB file: found, opened read-only, followed from one version to the next."""

import os
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

STALE_AFTER = timedelta(hours=36)
# No file or network access from SQL, whatever reaches it.
READER_CONFIG = {"threads": "2", "enable_external_access": "false", "lock_configuration": "true"}


@dataclass(frozen=True)
class SiteSettings:
    """What the server tells the apps, once per process."""

    home: Path = Path("data")
    refresh_seconds: float = 30


@dataclass(frozen=True)
class Publication:
    """The one row of the publication table; moments are aware UTC, unknown ones None."""

    publication_id: str
    published_at: datetime
    data_complete_to: datetime | None
    code_version: str | None
    price_book_version: str | None


class PublicationMissingError(Exception):
    """Nothing is published under the home."""


_settings = SiteSettings()
_lock = threading.Lock()
_newest: dict[Path, tuple[str, duckdb.DuckDBPyConnection]] = {}


def configure(*, home: Path, refresh_seconds: float = 30) -> None:
    """Set the home and the interval at which apps look for a new publication."""
    global _settings
    _settings = SiteSettings(home=Path(home), refresh_seconds=refresh_seconds)


def refresh_seconds() -> float:
    """Return the seconds between two looks for a new publication."""
    return _settings.refresh_seconds


def published_path(home: Path | None = None) -> Path:
    """Return the path under which the newest publication of a home is found."""
    return (home or _settings.home).absolute() / "warehouse" / "bursar.duckdb"


def version(path: Path) -> str | None:
    """Return the real path of the publication behind the link, None when there is none."""
    real = os.path.realpath(path)
    return real if os.path.exists(real) else None


def connect(path: Path) -> tuple[str, duckdb.DuckDBPyConnection]:
    """Return the version and a cursor of its own on it, or raise PublicationMissingError.

    One database per version is open in the process. The former one is not closed here: sessions
    still read it, and it closes when the last of their cursors goes.
    """
    with _lock:
        for _ in range(3):  # the file behind the link may be swapped and removed in between
            current = version(path)
            if current is None:
                break
            held = _newest.get(path)
            if held is None or held[0] != current:
                try:
                    opened = duckdb.connect(current, read_only=True, config=READER_CONFIG)
                except duckdb.IOException:
                    if os.path.exists(current):
                        raise
                    continue
                held = _newest[path] = (current, opened)
            return current, held[1].cursor()
        _newest.pop(path, None)
        raise PublicationMissingError(
            f"Nothing is published at {path}: run `bursar demo` or `bursar run`."
        )


def read_publication(connection: duckdb.DuckDBPyConnection) -> Publication:
    """Return what the publication says about itself."""
    row = (
        connection.sql(
            "select publication_id, published_at, data_complete_to, code_version,"
            " price_book_version from publication"
        )
        .pl()
        .row(0, named=True)
    )
    for name in ("published_at", "data_complete_to"):
        row[name] = row[name].replace(tzinfo=UTC) if row[name] else None
    return Publication(**row)


def stale_reasons(publication: Publication, *, now: datetime) -> list[str]:
    """Return one sentence per reason why the figures are older than STALE_AFTER."""
    reasons = []
    if now - publication.published_at > STALE_AFTER:
        age = describe_age(now - publication.published_at)
        reasons.append(f"The last publication is {age} old: run `bursar run` or look at its log.")
    complete_to = publication.data_complete_to
    if complete_to is None:
        reasons.append(
            "No source says up to when its data is complete: run `bursar status` for each source."
        )
    elif now - complete_to > STALE_AFTER:
        age = describe_age(now - complete_to)
        reasons.append(
            f"Data is complete only to {complete_to:%d %b %Y, %H:%M} UTC, {age} ago:"
            " run `bursar status` to see which source is behind."
        )
    return reasons


def describe_age(age: timedelta) -> str:
    """Return an age in whole hours, from two days on in whole days."""
    hours = int(age.total_seconds() // 3600)
    return f"{hours} hours" if hours < 48 else f"{hours // 24} days"
