"""A small publication made by plain SQL, and the means to read it past the code under test."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

# Milliseconds that a browser is given for what it waits for.
WAIT = 30_000
# The first file makes the costs that the files of single apps build upon.
FILES = sorted(Path(__file__).parent.glob("publication*.sql"))
STATEMENTS = "\n".join(path.read_text() for path in FILES)


def publish(
    home: Path,
    name: str,
    *,
    published_at: datetime | None = None,
    data_complete_to: datetime | None = None,
    factor: int = 1,
    hostile: str = "Lab notebook",
) -> Path:
    """Write a publication of its own name and swap the link to it, as the build does."""
    warehouse = home / "warehouse"
    warehouse.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    values: dict[str, Any] = {
        "publication_id": name,
        "published_at": (published_at or now).replace(tzinfo=None),
        "data_complete_to": (data_complete_to or now).replace(tzinfo=None),
        "factor": factor,
        "hostile": hostile,
    }
    path = warehouse / f"bursar_{name}.duckdb"
    with duckdb.connect(path) as connection:
        for statement in filter(str.strip, STATEMENTS.split(";\n")):
            named = {key: values[key] for key in re.findall(r"\$(\w+)", statement)}
            connection.execute(statement, named or None)
    link = warehouse / "bursar.duckdb"
    new = warehouse / "bursar.duckdb.new"
    new.symlink_to(path.name)
    os.replace(new, link)
    return link


def one(path: Path, query: str, *values: Any) -> Any:
    """Return one figure straight from a publication, past the code under test."""
    real = os.path.realpath(path)
    # A copy of its own: within a process, DuckDB refuses a second configuration for one file.
    with duckdb.connect() as connection:
        connection.execute(f"attach '{real}' as published (read_only)")
        connection.execute("use published")
        return connection.execute(query, values).fetchone()[0]  # type: ignore[index]


@dataclass
class Site:
    """A served home: its address and the means to publish into it."""

    home: Path
    address: str
    publish: Callable[..., Path]

    @property
    def path(self) -> Path:
        """The link to the publication."""
        return self.home / "warehouse" / "bursar.duckdb"


def amount(text: str) -> Decimal:
    """Return the amount in a text like USD 1,234.57."""
    return Decimal(re.sub(r"[^\d.]", "", text))
