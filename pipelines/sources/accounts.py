"""The bookkeeping rows that every source hands over: load units and quarantine."""

from __future__ import annotations

from collections.abc import Mapping
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
