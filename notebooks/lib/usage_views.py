"""The tokens app's views of ratios, unit costs and stand-in prices."""

from collections.abc import Callable

import marimo as mo
import polars as pl

from notebooks.lib import charts, formats, parts, tables, token_charts
from notebooks.lib.evidence_views import CUT
from notebooks.lib.formats import month_name, percent
from notebooks.lib.looks import UNALLOCATED
from notebooks.lib.selection import Selection
from notebooks.lib.tables import file_name
from notebooks.lib.token_queries import ROW_LIMIT
from notebooks.lib.token_views import NO_TOKENS

UNITS = {
    "request": "request",
    "thousand_requests": "1,000 requests",
    "user": "user",
    "customer": "customer",
}
REASONS = {
    "tier_without_price": "ordinary price, for a tier without one",
    "price_of_the_maker": "the maker's price",
    "disputed_price": "two price books differ",
}


def ratio_view(
    rows: pl.DataFrame, per_model: pl.DataFrame, chosen: Selection, *, grain: str
) -> mo.Html:
    """Return cache reads and reasoning over time, and by model and observer."""
    known = rows.filter(pl.col("all_input_tokens") > 0)
    if known.is_empty():
        return parts.empty(NO_TOKENS)
    parts_of = (
        ("cache_read_ratio", "cache_read_tokens", "all_input_tokens"),
        ("reasoning_ratio", "reasoning_tokens", "all_output_tokens"),
    )
    points = [
        token_charts.point(
            token_charts.period_label(row["period"], grain),
            name,
            row[ratio] * 100,
            f"{row[ratio] * 100:.2f}%: {formats.count(row[part])} of"
            f" {formats.count(row[whole])} tokens",
        )
        for row in known.iter_rows(named=True)
        for (name, _), (ratio, part, whole) in zip(token_charts.RATIO_LOOKS, parts_of, strict=True)
        if row[ratio] is not None
    ]
    last = known.row(-1, named=True)
    label = token_charts.period_label(last["period"], grain)
    title = (
        f"{label}: {percent(last['cache_read_ratio'])} of input came from a cache,"
        f" {percent(last['reasoning_ratio'])} of output was reasoning"
    )
    chart = token_charts.line_chart(
        points,
        looks=token_charts.RATIO_LOOKS,
        axis="Per cent of tokens",
        title=title,
        value_title="Share",
    )
    return mo.vstack([parts.panel(chart), _ratio_table(per_model, chosen)], gap=1)


def _ratio_table(rows: pl.DataFrame, chosen: Selection) -> mo.Html:
    if rows.is_empty():
        return parts.empty("No tokens were counted in this month.")
    shown = rows.with_columns(
        pl.Series(f"{name}_text", [percent(ratio) for ratio in rows[name]], dtype=pl.String)
        for name in ("cache_read_ratio", "reasoning_ratio")
    )
    titles = {
        "ai_model_name": "Model",
        "service_provider_name": "Provider",
        "observed_by": "Counted by",
        "total_tokens": "Tokens",
        "cache_read_ratio_text": "Cache reads, of input",
        "cache_read_tokens": "Cache read tokens",
        "all_input_tokens": "All input",
        "reasoning_ratio_text": "Reasoning, of output",
        "reasoning_tokens": "Reasoning tokens",
        "all_output_tokens": "All output",
    }
    return tables.show(
        shown,
        titles=titles,
        file_name=f"bursar_token_ratios_{chosen.month:%Y-%m}.csv",
        label="Download ratios as CSV",
        notes="All teams. Two observers may have seen the same calls: never add them.",
    )


def unit_options(kinds: list[tuple[str, bool]]) -> dict[str, str]:
    """Return the names of units to their kinds, a thousand requests first."""
    names = {
        (UNITS.get(kind, kind) if not is_outcome else f"{kind} (outcome)"): kind
        for kind, is_outcome in kinds
    }
    first = UNITS["thousand_requests"]
    return {first: "thousand_requests"} | names


def unit_view(rows: pl.DataFrame, teams: pl.DataFrame, chosen: Selection, *, unit: str) -> mo.Html:
    """Return what a unit cost each team over the months, as chart and table."""
    if rows.is_empty():
        return parts.empty(f"No team has such a unit in {chosen.currency}.")
    names = dict(teams.select("team_id", "team_label").rows())
    named = rows.with_columns(pl.col("team_id").replace(names).alias("team"))
    known = named.filter(
        pl.col("billed_cost_per_unit").is_not_null()
        # What nobody owns is no team's use: one such line would flatten all others.
        & ((pl.col("team_id") != UNALLOCATED) | (pl.lit(chosen.team) == UNALLOCATED))
    ).sort("billing_month")
    what = UNITS.get(unit, f"unit of {unit}")
    table = tables.show(
        named.with_columns(
            pl.lit(chosen.currency).alias("billing_currency"),
            pl.col("billing_month").dt.strftime("%b %Y").alias("month"),
        ),
        titles={
            "month": "Month",
            "team": "Team",
            "unit_count": "Units counted",
            "billed_cost_per_unit": f"Billed per {what}, {chosen.currency}",
            "effective_cost_per_unit": f"Effective per {what}, {chosen.currency}",
            "billed_cost": f"Billed, {chosen.currency}",
            "reporting_billed_cost_per_unit": "Billed per unit, reporting currency",
            "reporting_currency": "Reporting",
        },
        file_name=file_name(f"unit_cost_{unit}", chosen),
        label="Download unit costs as CSV",
        notes="Rates, cut off, of the team's whole bill. What nobody owns is in the table only.",
    )
    if known.is_empty():
        unknown = f"How many units there were is not known, so what one {what} cost is not either."
        return mo.vstack([parts.empty(unknown), table], gap=1)
    scale = charts.team_scale(teams, known["team"].unique(maintain_order=True).to_list())
    points = [
        token_charts.point(
            f"{row['billing_month']:%b %Y}",
            row["team"],
            row["billed_cost_per_unit"],
            f"{chosen.currency} {formats.exact(row['billed_cost_per_unit'])} per {what},"
            f" {formats.count(row['unit_count'])} counted",
        )
        for row in known.iter_rows(named=True)
    ]
    chart = token_charts.line_chart(
        points,
        looks=list(zip(scale.domain, scale.range, strict=True)),
        axis=f"{chosen.currency} per {what}, billed",
        title=_unit_title(known, chosen, what),
        value_title="Billed",
    )
    return mo.vstack([parts.panel(chart), table], gap=1)


def _unit_title(known: pl.DataFrame, chosen: Selection, what: str) -> str:
    month = known.filter(pl.col("billing_month") == chosen.month).sort(
        "billed_cost_per_unit", "team", descending=[True, False]
    )
    if month.is_empty():
        return f"What a team's {what} cost; unknown in {month_name(chosen.month)}"
    row = month.row(0, named=True)
    rate = row["billed_cost_per_unit"]
    cost = formats.money(rate, "").strip() if abs(rate) >= 1 else formats.exact(rate)
    month = month_name(chosen.month)
    return f"Dearest per {what} in {month}: {row['team']}, {chosen.currency} {cost}"


def fallback_table(
    rows: pl.DataFrame, chosen: Selection, *, everything: Callable[[], pl.DataFrame]
) -> mo.Html:
    """Return one line per model whose price is a stand-in."""
    if rows.is_empty():
        return parts.empty("Every price of this month is the usage's own.")
    shown = rows.with_columns(
        pl.col("reason").replace(REASONS).alias("why"),
        pl.Series(
            "estimate",
            [
                f"{code} {formats.exact(amount)}" if amount is not None else formats.UNKNOWN
                for amount, code in rows.select(
                    "estimated_cost", "estimated_cost_currency"
                ).iter_rows()
            ],
            dtype=pl.String,
        ),
    )
    return tables.show(
        shown,
        titles={
            "service_provider_name": "Provider",
            "model_name": "Model",
            "service_tier": "Tier",
            "why": "Stand-in",
            "observed_by": "Counted by",
            "tokens": "Tokens",
            "request_count": "Requests",
            "estimate": "Estimate that rests on it",
            "first_seen_date": "First seen",
            "last_seen_date": "Last seen",
        },
        file_name=f"bursar_fallback_prices_{chosen.month:%Y-%m}.csv",
        label="Download stand-in prices as CSV",
        everything=everything,
        notes=CUT if len(rows) == ROW_LIMIT else "",
    )
