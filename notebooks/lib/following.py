"""How an open page follows the publication: what the first cells of every app call.

marimo reruns the cells that read a getter or a tick by its name, so these stand in the notebooks.
"""

from collections.abc import Callable, Sized
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import marimo as mo

from notebooks.lib import parts, publication, text
from notebooks.lib.publication import Publication

Getter = Callable[[], str | None]
Setter = Callable[[str | None], None]


def begin(path: Path) -> tuple[Getter, Setter, mo.ui.refresh]:
    """Return the version that a page shows, its setter, and a tick to look for the next at."""
    get_version, set_version = mo.state(publication.version(path))
    return get_version, set_version, mo.ui.refresh(default_interval=publication.refresh_seconds())


def unseen(tick: mo.ui.refresh) -> mo.Html:
    """Return the tick for the page, which it must be on to tick."""
    return mo.Html(f'<div class="b-poll">{tick}</div>')


def look(path: Path, get_version: Getter, set_version: Setter) -> datetime:
    """Set the version where another is published; return the moment."""
    newest = publication.version(path)
    if newest != get_version():
        set_version(newest)
    return datetime.now(UTC)


def open_version(path: Path, version: str | None) -> tuple[duckdb.DuckDBPyConnection, Publication]:
    """Return a cursor and what the publication says of itself; stop the page where none is."""
    mo.stop(version is None, parts.banner([text.NOTHING_PUBLISHED], tone="info"))
    _, connection = publication.connect(path)
    return connection, publication.read_publication(connection)


def stop_without(*found: Sized, say: str) -> None:
    """Stop the page with a sentence where one of the things found is empty."""
    mo.stop(not all(found), parts.banner([say]))
