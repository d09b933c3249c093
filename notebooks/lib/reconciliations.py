"""What the reconciliation app asks the marts: views side by side, causes, lines, evidence, loads.

Like queries.py: one cursor in, one frame out, sums and filters only, values as parameters. Cash
(billed) and accrual (effective) are two views of the same money and never added.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import polars as pl

from notebooks.lib.evidence import CAUSES, ROW_LIMIT
from notebooks.lib.queries import PROVIDER, select, values_of
from notebooks.lib.selection import Selection

UNEXPLAINED = "unexplained"
# Causes whose amount differs between the two bases; the others are the same on both.
OF_BASIS = (
    "price_book_cost",
    "duplicate_cost",
    "non_token_cost",
    "time_boundary_cost",
    "discount_credit_tax_cost",
    "fx_cost",
    "unexplained_cost",
)
COLUMNS = {
    "billed": {cause: cause for cause in CAUSES},
    "effective": {cause: f"effective_{cause}" if cause in OF_BASIS else cause for cause in CAUSES},
}
TOTALS = {"billed": "invoice_cost", "effective": "effective_cost"}
EVIDENCE_COSTS = {"billed": "evidence_cost", "effective": "effective_evidence_cost"}
CAUSE_SUMS = {
    basis: ", ".join(f"sum({column}) as {cause}" for cause, column in columns.items())
    for basis, columns in COLUMNS.items()
}
ACCOUNT = "($account is null or billing_account_id = $account)"
OF_MONTH = f"billing_month = $month and billing_currency = $currency and {PROVIDER} and {ACCOUNT}"
LINE = """
    ($line is null or concat_ws(' / ', ai_model_id, token_class, service_tier) = $line)
"""


@dataclass(frozen=True)
class BillSelection(Selection):
    """One month, currency and basis; an account, line, cause or status of None means all."""

    account: str | None = None
    basis: str = "billed"
    cause: str | None = None
    line: str | None = None
    status: str | None = None


def read_bill_selection(*, month: str, currency: str, **chosen: str) -> BillSelection:
    """Return the selection that the filter values stand for; an empty one is all."""
    picked = {name: value or None for name, value in chosen.items() if name != "basis"}
    basis = chosen.get("basis") or "billed"
    return BillSelection(date.fromisoformat(f"{month}-01"), currency, basis=basis, **picked)


def _values(selection: BillSelection, **more: Any) -> dict[str, Any]:
    chosen = {name: getattr(selection, name) for name in ("account", "cause", "line", "status")}
    return values_of(selection, **chosen, **more)


def months(connection: duckdb.DuckDBPyConnection) -> list[date]:
    """Return the months that have a bill, newest first."""
    query = "select distinct billing_month from invoice_reconciliation_month order by 1 desc"
    return select(connection, query)["billing_month"].to_list()


def currencies(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the currencies of bills, the one with most lines first."""
    query = """
        select billing_currency from invoice_reconciliation_month
        where billing_currency is not null group by 1 order by count(*) desc, 1
    """
    return select(connection, query)["billing_currency"].to_list()


def accounts(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Return one row per account: its id and a label with who bills it, if it is one."""
    query = """
        select
            billing_account_id,
            case
                when count(distinct service_provider_name) > 1
                    then concat(count(distinct service_provider_name), ' providers')
                else max(service_provider_name)
            end || ' · ' || billing_account_id as label,
        from invoice_reconciliation_month group by billing_account_id order by label
    """
    return select(connection, query)


def providers(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the providers of bills, by name."""
    query = "select distinct service_provider_name from invoice_reconciliation_month order by 1"
    return select(connection, query)["service_provider_name"].drop_nulls().to_list()


def bills(connection: duckdb.DuckDBPyConnection, selection: BillSelection) -> pl.DataFrame:
    """Return one row per account: three views of its month, both bases, and how many are open."""
    query = f"""
        select
            service_provider_name, billing_account_id,
            sum(invoice_cost) as invoice_cost,
            sum(provider_usage_estimated_cost) as provider_usage_estimated_cost,
            sum(metered_estimated_cost) as metered_estimated_cost,
            sum(unexplained_cost) as unexplained_cost,
            sum(abs(unexplained_cost)) as unexplained_gross_cost,
            sum(effective_cost) as effective_cost,
            sum(effective_unexplained_cost) as effective_unexplained_cost,
            sum(abs(effective_unexplained_cost)) as effective_unexplained_gross_cost,
            cast(sum(invoice_tokens) as bigint) as invoice_tokens,
            cast(sum(provider_usage_tokens) as bigint) as provider_usage_tokens,
            cast(sum(metered_tokens) as bigint) as metered_tokens,
            bool_or(is_billed) as is_billed,
            cast(count(*) filter (reconciliation_status = 'explained') as bigint)
                as explained_line_count,
            cast(count(*) filter (reconciliation_status = 'signed_off') as bigint)
                as signed_off_line_count,
            cast(count(*) filter (is_billed and reconciliation_status = 'open') as bigint)
                as open_line_count,
            cast(count(*) filter (not is_billed) as bigint) as unbilled_line_count,
        from invoice_reconciliation_month where {OF_MONTH}
        group by service_provider_name, billing_account_id
        order by invoice_cost desc nulls last, service_provider_name, billing_account_id
    """
    return select(connection, query, **_values(selection))


def causes(connection: duckdb.DuckDBPyConnection, selection: BillSelection) -> pl.DataFrame:
    """Return one row: the bill of the chosen basis, and its causes, which sum to it exactly."""
    basis = selection.basis
    query = f"""
        select sum({TOTALS[basis]}) as bill_cost, {CAUSE_SUMS[basis]}
        from invoice_reconciliation_month where {OF_MONTH} and is_billed
    """
    return select(connection, query, **_values(selection))


def lines(
    connection: duckdb.DuckDBPyConnection,
    selection: BillSelection,
    *,
    limit: int | None = ROW_LIMIT,
) -> pl.DataFrame:
    """Return one row per line of the bills with its state, what is unexplained most first."""
    query = f"""
        select
            service_provider_name, billing_account_id, ai_model_id, token_class, service_tier,
            reconciliation_status, invoice_cost, unexplained_cost, tolerance_cost,
            effective_cost, effective_unexplained_cost, signed_off_by, signed_off_on,
            sign_off_reason, has_lapsed_sign_off, is_billed, provider_usage_estimated_cost,
            metered_estimated_cost, invoice_tokens, provider_usage_tokens, metered_tokens
        from invoice_reconciliation_month
        where {OF_MONTH} and ($status is null or reconciliation_status = $status)
        order by
            greatest(abs(unexplained_cost), abs(effective_unexplained_cost)) desc nulls last,
            abs(invoice_cost) desc nulls last, service_provider_name, billing_account_id,
            ai_model_id, token_class, service_tier
        limit $row_limit
    """
    return select(connection, query, **_values(selection, row_limit=limit))


def line_names(connection: duckdb.DuckDBPyConnection, selection: BillSelection) -> list[str]:
    """Return the chosen bills' lines by name: model, token class, tier; the costliest first."""
    query = f"""
        select concat_ws(' / ', ai_model_id, token_class, service_tier) as line
        from invoice_reconciliation_month where {OF_MONTH}
        group by line order by max(abs(invoice_cost)) desc nulls last, line
    """
    return select(connection, query, **_values(selection))["line"].to_list()


def evidence_rows(
    connection: duckdb.DuckDBPyConnection,
    selection: BillSelection,
    *,
    limit: int | None = ROW_LIMIT,
) -> pl.DataFrame:
    """Return what the chosen cause was computed from, the largest amount of the basis first."""
    basis = selection.basis
    query = f"""
        select
            cause, service_provider_name, billing_account_id, ai_model_id, token_class,
            service_tier, evidence_date, first_evidence_date, last_evidence_date, source_name,
            credential_id, first_load_unit_id, evidence_count, record_count, evidence_tokens,
            evidence_cost, effective_evidence_cost
        from reconciliation_evidence_month
        where {OF_MONTH} and {LINE} and ($cause is null or cause = $cause)
        order by
            abs({EVIDENCE_COSTS[basis]}) desc nulls last, evidence_date, service_provider_name,
            ai_model_id, token_class, service_tier, evidence_place
        limit $row_limit
    """
    return select(connection, query, **_values(selection, row_limit=limit))


def loads(
    connection: duckdb.DuckDBPyConnection, source: str | None, unit: str | None
) -> pl.DataFrame:
    """Return one row per load of a file, API page or table day: where it lay, what became of it."""
    query = """
        select
            source_name, unit_kind, location, load_unit_id, table_name, _dlt_load_id as load_id,
            pulled_at, covers_from, covers_to, records_read, records_loaded, records_quarantined,
            records_duplicate
        from load_unit_accounts where source_name = $source and load_unit_id = $unit
        order by load_id desc
    """
    return select(connection, query, source=source, unit=unit)


def refused(
    connection: duckdb.DuckDBPyConnection, source: str | None, unit: str | None
) -> pl.DataFrame:
    """Return one row per record of the unit that was refused: where, why, what to do."""
    query = """
        select location, source_line, reason, remedy
        from quarantined_records where source_name = $source and load_unit_id = $unit
        order by source_line, reason limit $row_limit
    """
    return select(connection, query, source=source, unit=unit, row_limit=ROW_LIMIT)


def commitments(connection: duckdb.DuckDBPyConnection, selection: BillSelection) -> pl.DataFrame:
    """Return one row per commitment of the month: bought, used, left, and whether it pays."""
    query = f"""
        select
            service_provider_name, billing_account_id, commitment_id, commitment_name,
            commitment_kind, commitment_unit, bought_quantity, used_quantity, unused_quantity,
            utilisation_ratio, break_even_ratio, coverage_ratio, bought_cost, used_cost,
            unused_cost, on_demand_cost, uncovered_cost, saved_cost, told_by
        from commitment_utilisation_month where {OF_MONTH}
        order by bought_cost desc nulls last, service_provider_name, commitment_id
    """
    return select(connection, query, **_values(selection))
