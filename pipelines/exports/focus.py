"""FOCUS datasets of a month as Parquet, straight out of the publication."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.config import SettingsError
from pipelines.exports.pack import Pack

# Dataset by file; only rows of charges have a team.
DATASETS = {
    "focus_1_2": "x_AllocatedChargeId",
    "focus_1_4": "x_AllocatedChargeId",
    "focus_1_4_billing_period": "InvoiceIssuerName, BillingPeriodStart, BillingPeriodEnd",
    "focus_1_4_invoice_detail": "InvoiceDetailId",
}
OF_TEAMS = ("focus_1_2", "focus_1_4")


def write_focus(publication: Path, pack: Pack, folder: Path) -> list[Path]:
    """Write a file per dataset; of some teams, their parts of charges and no invoices."""
    paths = []
    # One thread: rows keep their order, and the file its bytes.
    with duckdb.connect(config={"threads": 1, "preserve_insertion_order": "true"}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        # A path is no parameter of attach; a quote in it must not end the text.
        attached = str(publication).replace("'", "''")
        connection.execute(f"attach '{attached}' as publication (read_only)")
        connection.execute("use publication")
        tables = {name for (name,) in connection.execute("show tables").fetchall()}
        for dataset, order in DATASETS.items():
            if dataset not in tables:
                raise SettingsError(
                    f"The publication has no {dataset}, it is older: run `bursar build --full`."
                )
            if pack.teams and dataset not in OF_TEAMS:
                continue
            path = folder / f"{dataset}_{pack.month_id}.parquet"
            _write(connection, pack, dataset, order, path)
            paths.append(path)
    return paths


def _write(
    connection: duckdb.DuckDBPyConnection, pack: Pack, dataset: str, order: str, path: Path
) -> None:
    where, parameters = "x_BillingMonth = $month", {"month": pack.month, "path": str(path)}
    if pack.teams:
        where += " and list_contains($teams, x_TeamId)"
        parameters["teams"] = list(pack.teams)
    connection.execute(
        f"copy (select * from {dataset} where {where} order by {order}) to $path "
        "(format parquet, compression zstd)",
        parameters,
    )
