"""The views of what stands beside the bill: tokens, reconciliation, bypasses, prices, sources."""

from collections.abc import Callable

import marimo as mo
import polars as pl

from notebooks.lib import charts, evidence, formats, looks, parts, tables
from notebooks.lib.formats import money, month_name
from notebooks.lib.selection import Selection
from notebooks.lib.tables import file_name

CUT = f"The first {evidence.ROW_LIMIT:,} rows; the CSV has all of them."


def model_table(rows: pl.DataFrame, chosen: Selection) -> mo.Html:
    """Return one line per provider, model and observer: tokens and the estimate."""
    if rows.is_empty():
        return parts.empty("No tokens were counted for this choice.")
    titles = {
        "ai_model_name": "Model",
        "service_provider_name": "Provider",
        "observed_by": "Counted by",
        "request_count": "Requests",
        "total_tokens": "Tokens",
        "input_tokens": "Input",
        "cache_read_tokens": "Cache read",
        "cache_write_tokens": "Cache write",
        "output_tokens": "Output",
        "reasoning_tokens": "Reasoning",
        "estimated_list_cost": f"Estimate, {chosen.currency}",
    }
    return tables.show(
        rows.with_columns(pl.lit(chosen.currency).alias("cost_currency")),
        titles=titles,
        file_name=file_name("tokens_per_model", chosen),
        label="Download models as CSV",
        notes="Tokens are of all teams.",
    )


def reconciliation_view(rows: pl.DataFrame, chosen: Selection) -> mo.Html:
    """Return the causes of each account's bill, as chart and table."""
    if rows.is_empty():
        return parts.empty(f"Nothing was invoiced in {chosen.currency} in this month.")
    invoiced, unexplained = rows["invoice_cost"].sum(), rows["unexplained_cost"].sum()
    title = (
        f"{money(invoiced, chosen.currency)} invoiced for {month_name(chosen.month)},"
        f" {money(unexplained, chosen.currency)} of it unexplained"
    )
    chart = charts.reconciliation_chart(rows, currency=chosen.currency, title=title)
    causes = {name: look[0].capitalize() for name, look in looks.CAUSE_LOOKS.items()}
    account = {
        "service_provider_name": "Provider",
        "billing_account_id": "Account",
        "invoice_cost": "Invoice",
    }
    views = {
        "effective_cost": "Effective",
        "provider_usage_estimated_cost": "Provider's usage, estimate",
        "metered_estimated_cost": "Metered, estimate",
        "provider_usage_tokens": "Provider's tokens",
        "metered_tokens": "Metered tokens",
        "effective_unexplained_cost": "Unexplained of effective",
        "open_line_count": "Open lines",
        "signed_off_line_count": "Lines signed off",
    }
    views_table = tables.show(rows, titles=account | views)
    causes_table = tables.show(
        rows.with_columns(pl.lit(chosen.currency).alias("billing_currency")),
        titles=account | causes,
        file_name=file_name("reconciliation", chosen),
        label="Download reconciliation as CSV",
        notes=f"Amounts in {chosen.currency}, all teams. The causes sum to the invoice; effective"
        " cost is another view of the same money and is never added to it.",
    )
    return mo.vstack([parts.panel(chart), views_table, causes_table], gap=1)


def shadow_table(
    rows: pl.DataFrame, chosen: Selection, *, everything: Callable[[], pl.DataFrame]
) -> mo.Html:
    """Return one line per key or project that bypasses the gateway."""
    if rows.is_empty():
        return parts.empty("Nothing billed in this choice bypassed the gateway.")
    titles = {
        "service_provider_name": "Provider",
        "sub_account_name": "Project",
        "credential_name": "Key",
        "credential_id": "Key id",
        "credential_status": "Status",
        "team_name": "Likely owner",
        "billed_cost": f"Billed, {chosen.currency}",
        "total_tokens": "Tokens",
        "first_seen_date": "First seen",
        "last_seen_date": "Last seen",
    }
    return tables.show(
        rows.with_columns(pl.lit(chosen.currency).alias("billing_currency")),
        titles=titles,
        file_name=file_name("bypassed_gateway", chosen),
        label="Download bypasses as CSV",
        everything=everything,
        notes=CUT if len(rows) == evidence.ROW_LIMIT else "",
    )


def unpriced_table(
    rows: pl.DataFrame, chosen: Selection, *, everything: Callable[[], pl.DataFrame]
) -> mo.Html:
    """Return one line per model and token class that has no price."""
    if rows.is_empty():
        return parts.empty("All usage of this month has a price.")
    titles = {
        "service_provider_name": "Provider",
        "model_name": "Model",
        "token_class": "Token class",
        "observed_by": "Counted by",
        "tokens": "Tokens",
        "unit_count": "Searches, seconds",
        "request_count": "Requests",
        "estimate": "Estimate",
        "reason": "Reason",
        "first_seen_date": "First seen",
        "last_seen_date": "Last seen",
    }
    estimates = [
        f"{code} {formats.exact(amount)}" if amount is not None else formats.UNKNOWN
        for amount, code in rows.select("estimated_cost", "estimated_cost_currency").iter_rows()
    ]
    return tables.show(
        rows.with_columns(pl.Series("estimate", estimates, dtype=pl.String)),
        titles=titles,
        file_name=f"bursar_unpriced_{chosen.month:%Y-%m}.csv",
        label="Download unpriced usage as CSV",
        everything=everything,
        notes=CUT if len(rows) == evidence.ROW_LIMIT else "",
    )


def source_tables(freshness: pl.DataFrame, refusals: pl.DataFrame) -> mo.Html:
    """Return one line per source table and, below, one per reason for refusal."""
    if freshness.is_empty():
        return parts.empty("No source has been loaded.")
    shown = [
        tables.show(
            freshness,
            titles={
                "source_name": "Source",
                "table_name": "Table",
                "last_load_at": "Last load",
                "complete_to": "Complete to",
                "records_read": "Read",
                "records_loaded": "Loaded",
                "records_quarantined": "Refused",
                "records_duplicate": "Duplicate",
            },
            file_name="bursar_sources.csv",
            label="Download sources as CSV",
        )
    ]
    if not refusals.is_empty():
        titles = {
            "source_name": "Source",
            "location": "Where",
            "reason": "Reason",
            "record_count": "Records",
            "remedy": "Remedy",
        }
        shown.append(
            tables.show(
                refusals,
                titles=titles,
                file_name="bursar_refused.csv",
                label="Download refusals as CSV",
                notes=CUT if len(refusals) == evidence.ROW_LIMIT else "",
            )
        )
    return mo.vstack(shown, gap=1.5)
