"""What tests of packs read and change: a CSV's rows, and a publication's tables."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb

from pipelines.config import Settings

CLOSED = (
    "create or replace table billing_period_status as select date '2026-10-01' as billing_month, "
    "'Closed' as billing_period_status, 'abc' as close_sha256, publication.* from publication"
)


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def in_publication(settings: Settings, *statements: str) -> None:
    """Run statements in what is published."""
    with duckdb.connect(str(settings.publication_path.resolve())) as connection:
        for statement in statements:
            connection.execute(statement)
