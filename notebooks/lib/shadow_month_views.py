"""The views of shadow AI over months: what became of findings, and what was spent."""

from collections.abc import Callable

import marimo as mo
import polars as pl

from notebooks.lib import formats, parts, shadow_charts, shadow_words, tables
from notebooks.lib.evidence import ROW_LIMIT
from notebooks.lib.evidence_views import CUT
from notebooks.lib.formats import money, month_name
from notebooks.lib.shadow_views import with_words
from notebooks.lib.shadow_words import SPENDS


def trend_view(rows: pl.DataFrame) -> mo.Html:
    """Return what was found, decided and brought under the gateway by month."""
    if rows.is_empty():
        return parts.empty("No month has a finding yet.")
    counts = list(shadow_charts.TREND_LOOKS)
    months = rows.group_by("trend_month").agg(pl.col(counts).sum()).sort("trend_month")
    newest = months.row(-1, named=True)
    title = (
        f"{month_name(newest['trend_month'])}: {formats.count(newest['found_count'])} found,"
        f" {formats.count(newest['decided_count'])} decided,"
        f" {formats.count(newest['open_count'])} still open"
    )
    shown = with_words(
        rows.sort(["trend_month", "found_count"], descending=True),
        month=lambda row: f"{row['trend_month']:%b %Y}",
        kind=lambda row: shadow_words.kind(row["finding_kind"]),
    )
    names = {column: name.capitalize() for column, (name, _) in shadow_charts.TREND_LOOKS.items()}
    table = tables.show(
        shown,
        titles={"month": "Month", "kind": "Finding"} | names,
        file_name="bursar_shadow_trend.csv",
        label="Download trend as CSV",
        notes="Of all teams and services.",
    )
    return mo.vstack([parts.panel(shadow_charts.trend_chart(months, title=title)), table], gap=1)


def spend_view(
    by_kind: pl.DataFrame,
    lines: pl.DataFrame,
    currency: str,
    *,
    everything: Callable[[], pl.DataFrame],
) -> mo.Html:
    """Return the money by kind and month in one currency, and its lines."""
    own = by_kind.filter(
        (pl.col("billing_currency") == currency) & pl.col("cost").is_not_null()
    ).sort("billing_month", "spend_kind")
    if lines.is_empty():
        return parts.empty("No money was spent past the rules for this choice.")
    shown = with_words(
        lines,
        month=lambda row: f"{row['billing_month']:%b %Y}",
        kind=lambda row: SPENDS.get(row["spend_kind"], row["spend_kind"]),
        team=shadow_words.team,
    )
    table = tables.show(
        shown,
        titles={
            "month": "Month",
            "ai_service_name": "Service",
            "team": "Team",
            "kind": "Kind",
            "billed_cost": f"Billed, {currency}",
            "card_cost": "Paid by card",
            "estimated_cost": "Estimate",
            "estimate_basis": "Estimated by",
            "first_seen_date": "First seen",
            "last_seen_date": "Last seen",
        },
        file_name=f"bursar_shadow_spend_{currency}.csv",
        label="Download spend as CSV",
        everything=everything,
        absent=("billed_cost", "card_cost", "estimated_cost"),
        notes=f"Amounts in {currency}. A dash: a kind of money that the line is not of."
        + (f" {CUT}" if len(lines) == ROW_LIMIT else ""),
    )
    if own.is_empty():
        return mo.vstack([parts.empty("No amount of it is known."), table], gap=1)
    newest = own["billing_month"].max()
    said = [
        f"{money(row['cost'], currency)} {SPENDS[row['spend_kind']].lower()}"
        for row in own.filter(pl.col("billing_month") == newest).iter_rows(named=True)
    ]
    title = f"{month_name(newest)}: {', '.join(said)}"
    chart = shadow_charts.spend_chart(own, currency=currency, title=title)
    return mo.vstack([parts.panel(chart), table], gap=1)
