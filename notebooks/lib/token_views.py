"""The views of the tokens app: frames in, finished parts of the page out."""

from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import marimo as mo
import polars as pl

from notebooks.lib import charts, formats, parts, queries, tables, token_charts, token_queries
from notebooks.lib.cost_views import of_month
from notebooks.lib.formats import month_name, percent
from notebooks.lib.parts import Card
from notebooks.lib.selection import Selection

Row = dict[str, Any]
NO_TOKENS = "No tokens were counted for this choice: choose another month, team or provider."


def headline_cards(
    connection: duckdb.DuckDBPyConnection, chosen: Selection, bridge: pl.DataFrame
) -> list[Card]:
    """Return the month's tokens, their ratios, and how the bill moved."""
    totals = queries.month_totals(connection, chosen)
    this, last = of_month(totals, chosen.month), of_month(totals, chosen.last_month)
    ratios = token_queries.ratios(connection, chosen, grain="month")
    now, before = (_of_period(ratios, month) for month in (chosen.month, chosen.last_month))
    return [
        Card(
            f"Tokens, {month_name(chosen.month)}",
            formats.short_count(this["total_tokens"]),
            (_against(this["total_tokens"], last["total_tokens"], chosen),),
            exact=f"{formats.count(this['total_tokens'])} tokens",
        ),
        _ratio_card("Cache reads, of all input", "cache_read_ratio", now, before, chosen),
        _ratio_card("Reasoning, of all output", "reasoning_ratio", now, before, chosen),
        _bridge_card(bridge, chosen),
    ]


def _of_period(rows: pl.DataFrame, month: date) -> Row:
    found = rows.filter(pl.col("period") == month)
    return found.row(0, named=True) if len(found) else dict.fromkeys(rows.columns)


def _against(now: int | None, before: int | None, chosen: Selection) -> str:
    if before is None:
        return f"nothing in {month_name(chosen.last_month)}"
    change = formats.change(None if now is None else Decimal(now), Decimal(before))
    return f"{change} vs {formats.short_count(before)} in {month_name(chosen.last_month)}"


def _ratio_card(label: str, name: str, now: Row, before: Row, chosen: Selection) -> Card:
    line = f"{percent(before[name])} in {month_name(chosen.last_month)}"
    return Card(label, percent(now[name]), (line,), exact=f"{now[name]}" if now[name] else "")


def _bridge_card(bridge: pl.DataFrame, chosen: Selection) -> Card:
    label = f"Bill against {month_name(chosen.last_month)}"
    costs = dict(bridge.select("bridge_effect", "effect_cost").rows())
    if not costs:
        return Card(label, formats.UNKNOWN, ("no bridge for this month",))
    opening, closing = costs["opening"], costs["closing"]
    before, now = (formats.money(amount, chosen.currency) for amount in (opening, closing))
    return Card(
        label,
        formats.money(closing - opening, chosen.currency),
        (f"{formats.change(closing, opening)}: {before} to {now}",),
        exact=f"{chosen.currency} {formats.exact(closing - opening)}",
    )


def trend_view(
    rows: pl.DataFrame,
    chosen: Selection,
    *,
    by: str,
    grain: str,
    names: dict[str, str],
    teams: pl.DataFrame,
) -> mo.Html:
    """Return tokens over time by model, class or team, as chart and table."""
    if rows.is_empty():
        return parts.empty(NO_TOKENS)
    if by == "team":
        named = _named(rows, dict(teams.select("team_id", "team_label").rows()))
        scale = charts.team_scale(teams, named["name"].unique(maintain_order=True).to_list())
        folded, looks = named, list(zip(scale.domain, scale.range, strict=True))
    elif by == "class":
        classes = {key: look[0] for key, look in token_charts.CLASS_LOOKS.items()}
        folded = named = _named(rows, classes)
        shown = set(named["name"])
        looks = [look for look in token_charts.CLASS_LOOKS.values() if look[0] in shown]
    else:
        named = _named(rows, names)
        folded = token_charts.fold_names(named, beyond="models")
        looks = token_charts.looks_by_size(folded)
    chart = token_charts.token_chart(
        folded, looks=looks, grain=grain, what=by, title=_trend_title(named, chosen, by, grain)
    )
    table = tables.show(
        named.sort("period", "tokens", descending=True).with_columns(
            pl.col("period").dt.strftime("%b %Y" if grain == "month" else "%d %b %Y").alias("when")
        ),
        titles={"when": grain.capitalize(), "name": by.capitalize(), "tokens": "Tokens"},
        file_name=f"bursar_tokens_by_{by}_{grain}_{chosen.month:%Y-%m}.csv",
        label="Download tokens as CSV",
        notes="Tokens have no currency: those of all currencies are shown.",
    )
    return mo.vstack([parts.panel(chart), table], gap=1)


def _named(rows: pl.DataFrame, names: dict[str, str]) -> pl.DataFrame:
    """Name the rows; two ids of one name are one, as nobody could tell them apart."""
    return (
        rows.with_columns(pl.col("name").replace(names))
        .group_by("period", "name")
        .agg(pl.col("tokens").sum())
        .sort("period", "name")
    )


def _trend_title(named: pl.DataFrame, chosen: Selection, by: str, grain: str) -> str:
    month = named if grain == "day" else named.filter(pl.col("period") == chosen.month)
    sums = month.group_by("name").agg(pl.col("tokens").sum()).sort("tokens", "name")
    if sums.is_empty():
        return f"No tokens in {month_name(chosen.month)}"
    first, whole = sums.row(-1, named=True), sums["tokens"].sum()
    part = formats.share(first["tokens"], whole)
    what = {"model": "", "team": "", "class": "Class "}[by]
    return (
        f"{what}{first['name']} is {part} of {month_name(chosen.month)}'s"
        f" {formats.short_count(whole)} tokens"
    )
