"""What is frozen of a month beside the published tables: files of text, the same for the same rows.

The order of rows and the form of values are fixed, so that a file can be made again from the lake
and compared byte by byte.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.sources.ledger import TABLES
from pipelines.sources.ledger.columns import write_sql

# Column of the table in the ledger : column of the fact, where they differ.
_OWN_LOAD = {
    "charge_source_name": "source_name",
    "charge_load_unit_id": "load_unit_id",
    "charge_source_line": "source_line",
    "charge_load_id": "_dlt_load_id",
}
FACTS = {
    "charges": "fct_charges",
    "allocated_charges": "fct_allocated_charges",
    "chargeback_fees": "fct_chargeback_fees",
    "invoice_payments": "fct_invoice_payments",
}
_FACT_ROWS = {
    "charges": ("fct_charges", "billing_month", "charge_id"),
    "allocated_charges": ("fct_allocated_charges", "billing_month", "allocated_charge_id"),
    "chargeback_fees": ("fct_chargeback_fees", "billing_month", "statement_line_id"),
    "invoice_payments": ("fct_invoice_payments", "billing_month", "payment_id"),
    "fx_rates": ("dim_fx_rates", "rate_month", "from_currency, to_currency"),
}
_MART_ROWS = {
    "statement_lines": ("team_statement_lines_month", "statement_line_id"),
    "statements": ("team_statements_month", "team_id, billing_currency"),
    "invoices": ("invoice_statements_month", "document_id"),
    "reconciliation": (
        "invoice_reconciliation_month",
        "service_provider_name, billing_account_id, ai_model_id, token_class, service_tier, "
        "billing_currency",
    ),
}


def write_facts(
    connection: duckdb.DuckDBPyConnection, relations: dict[str, str], month: str, folder: Path
) -> list[Path]:
    """Write a month's charges, their parts and rates; `relations` says where the facts are."""
    written = []
    for name, (fact, column, order) in _FACT_ROWS.items():
        schema: pa.Schema = TABLES[name]
        columns = ", ".join(f"{_OWN_LOAD.get(one, one)} as {one}" for one in schema.names)
        rows = (
            f"select {columns} from {relations[fact]} "
            f"where {column} = date '{month}-01' order by {order}"
        )
        written.append(_write(connection, write_sql(schema, rows), folder / f"{name}.csv"))
    return written


def write_statements(
    connection: duckdb.DuckDBPyConnection, relations: dict[str, str], month: str, folder: Path
) -> list[Path]:
    """Write a month's statements, the invoices they sum to, and its reconciliation."""
    return [
        _write(
            connection,
            f"copy (select * from {relations[mart]} where billing_month = date '{month}-01' "
            f"order by {order}) to $path (format csv, header, nullstr '')",
            folder / f"{name}.csv",
        )
        for name, (mart, order) in _MART_ROWS.items()
    ]


def marts() -> list[str]:
    """Return the marts that statements are written from."""
    return [mart for mart, _ in _MART_ROWS.values()]


def _write(connection: duckdb.DuckDBPyConnection, copy: str, path: Path) -> Path:
    connection.execute(copy, {"path": str(path)})
    return path
