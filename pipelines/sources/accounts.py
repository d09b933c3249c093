"""The bookkeeping rows that every source hands over: load units and quarantine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pipelines.lake import LOAD_UNITS, QUARANTINE

if TYPE_CHECKING:
    from pipelines.load import LoadContext


def with_unit(rows: pa.Table, unit_id: str) -> pa.Table:
    """Return the rows with their load unit as the first column."""
    return rows.add_column(0, "load_unit_id", pa.array([unit_id] * rows.num_rows, pa.string()))


def unit_row(context: LoadContext, **values: Any) -> pa.Table:
    """Return one load_units row; what is not loaded was quarantined or a duplicate."""
    row = {
        "is_complete": True,
        "pulled_at": context.now.replace(tzinfo=None),
        "records_loaded": values["records_read"]
        - values["records_quarantined"]
        - values["records_duplicate"],
        **values,
    }
    return pa.Table.from_pylist([row], schema=LOAD_UNITS)


def quarantine_rows(
    context: LoadContext, unit_id: str, location: str, bad: pa.Table, remedies: Mapping[str, str]
) -> pa.Table:
    """Return a quarantine row for each source_line and reason, with the remedy of the reason."""
    count = bad.num_rows
    reasons = bad.column("reason")
    texts = pa.array([remedies[reason] for reason in reasons.to_pylist()], pa.string())
    return pa.table(
        {
            "load_unit_id": pa.array([unit_id] * count, pa.string()),
            "source_line": bad.column("source_line"),
            "location": pa.array([location] * count, pa.string()),
            "reason": reasons,
            "remedy": texts,
            "quarantined_at": [context.now.replace(tzinfo=None)] * count,
        }
    ).cast(QUARANTINE)


def with_column_filled(
    tables: Iterator[tuple[str, pa.Table]],
    table_name: str,
    names: Sequence[str],
    column: str,
    value: str,
) -> Iterator[tuple[str, pa.Table]]:
    """Yield the tables, that one in the order of `names` and with the value in a column of it."""
    for name, rows in tables:
        if name == table_name:
            rows = rows.append_column(column, pa.array([value] * rows.num_rows, pa.string()))
            rows = rows.select(names)
        yield name, rows
