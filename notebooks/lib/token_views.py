"""The views of the tokens app: frames in, finished parts of the page out."""

from datetime import date
from decimal import ROUND_DOWN, Decimal, localcontext
from typing import Any

import duckdb
import marimo as mo
import polars as pl

from notebooks.lib import charts, formats, parts, queries, tables, token_charts, token_queries
from notebooks.lib.cost_views import of_month
from notebooks.lib.formats import month_name, percent
from notebooks.lib.looks import TEAM_COLOURS
from notebooks.lib.parts import Card
from notebooks.lib.selection import Selection
from notebooks.lib.tables import file_name

Row = dict[str, Any]
NO_TOKENS = "No tokens were counted for this choice: choose another month, team or provider."
MILLION = 1_000_000
RATE_DIGITS = Decimal("0.000001")
MODELS_DRAWN = 6
VALUES_DRAWN = 14


def per_million(cost: Decimal | None, tokens: int | None) -> Decimal | None:
    """Return the cost of a million tokens: a rate, cut off at six digits, never to be added."""
    if cost is None or not tokens:
        return None
    with localcontext() as context:
        context.prec = 60
        return (cost * MILLION / tokens).quantize(RATE_DIGITS, rounding=ROUND_DOWN)


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
        named.sort("period", "tokens", descending=True),
        titles={"period": grain.capitalize(), "name": by.capitalize(), "tokens": "Tokens"},
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


def cut_options(found: list[tuple[str, str]]) -> dict[str, str]:
    """Return names of cuts to their address, a tag with its key."""
    names = {
        (f"tag: {key}" if dimension == "tag" else dimension.replace("_", " ")): (
            f"tag:{key}" if dimension == "tag" else dimension
        )
        for dimension, key in found
    }
    return names or {"token class": "token_class"}


def read_cut(address: str) -> tuple[str, str]:
    """Return the dimension and the key that an address stands for."""
    dimension, _, key = address.partition(":")
    return dimension, key or dimension


def cut_names(dimension: str, models: dict[str, str], teams: pl.DataFrame) -> dict[str, str]:
    """Return the names of a dimension's values, where they have any."""
    if dimension == "team":
        return dict(teams.select("team_id", "team_label").rows())
    return models if dimension == "model" else {}


def mix_view(rows: pl.DataFrame, chosen: Selection, *, cut: str, names: dict[str, str]) -> mo.Html:
    """Return the bill cut by one thing, as chart and table."""
    if rows.is_empty():
        return parts.empty(f"Nothing was billed in {chosen.currency} in this month.")
    whole: Decimal = rows["billed_cost"].sum()
    shown = rows.with_columns(
        pl.Series("value", [_value(row, names) for row in rows.iter_rows(named=True)]),
        pl.Series(
            "share", [formats.share(cost, whole) for cost in rows["billed_cost"]], dtype=pl.String
        ),
        pl.lit(chosen.currency).alias("billing_currency"),
        pl.when("is_shared_by_usage")
        .then(pl.lit("by usage"))
        .otherwise(pl.lit("by the bill"))
        .alias("shared"),
    )
    first = shown.row(0, named=True)
    title = (
        f"{first['value']} is {first['share']} of {month_name(chosen.month)}'s bill of"
        f" {formats.money(whole, chosen.currency)}"
    )
    chart = token_charts.mix_chart(_beyond(shown, whole), currency=chosen.currency, title=title)
    table = tables.show(
        shown,
        titles={
            "value": cut.capitalize(),
            "value_kind": "Kind",
            "billed_cost": f"Billed, {chosen.currency}",
            "share": "Share",
            "effective_cost": f"Effective, {chosen.currency}",
            "shared": "Told apart",
        },
        file_name=file_name(f"cost_mix_{cut.replace(' ', '_').replace(':', '')}", chosen),
        label="Download mix as CSV",
        notes="All teams and providers.",
    )
    return mo.vstack([parts.panel(chart), table], gap=1)


def _value(row: Row, names: dict[str, str]) -> str:
    """Return a value by name; one that is called like a row of its own kind is told apart."""
    value = row["dimension_value"]
    if row["value_kind"] == "value":
        return names.get(value, value.replace("_", " ") if value in PLAIN else value)
    return {"unknown": "unknown", "other": "other values"}.get(row["value_kind"], value)


PLAIN = {"input_uncached", "cache_read", "cache_write_5m", "cache_write_1h"}


def _beyond(shown: pl.DataFrame, whole: Decimal) -> pl.DataFrame:
    rest = shown.slice(VALUES_DRAWN)
    kept = shown.head(VALUES_DRAWN).select("value", "value_kind", "billed_cost", "share")
    if rest.is_empty():
        return kept
    cost = rest["billed_cost"].sum()
    last = pl.DataFrame(
        {
            "value": [f"{len(rest)} more values"],
            "value_kind": ["other"],
            "billed_cost": [cost],
            "share": [formats.share(cost, whole)],
        },
        schema=kept.schema,
    )
    return pl.concat([kept, last])


def price_view(rows: pl.DataFrame, chosen: Selection, names: dict[str, str]) -> mo.Html:
    """Return what a million tokens cost, effective and at list price, over time and by model."""
    if rows.is_empty():
        return parts.empty(
            f"No model with tokens was billed or estimated in {chosen.currency} for this choice."
        )
    found = [
        row
        | {
            "model": f"{names.get(row['ai_model_id'], row['ai_model_id'])}"
            f" · {row['service_provider_name']}",
            "effective": per_million(row["effective_cost"], row["total_tokens"]),
            "list": per_million(row["list_cost"], row["total_tokens"]),
            "below_list": _below(row["effective_cost"], row["list_cost"]),
        }
        for row in rows.iter_rows(named=True)
    ]
    rates = {"effective": pl.Decimal(38, 6), "list": pl.Decimal(38, 6)}
    shown = rows.with_columns(
        pl.Series(name, [row[name] for row in found], dtype=rates.get(name, pl.String))
        for name in ("model", "effective", "list", "below_list")
    ).with_columns(pl.lit(chosen.currency).alias("cost_currency"))
    table = tables.show(
        shown,
        titles={
            "billing_month": "Month",
            "model": "Model",
            "total_tokens": "Tokens",
            "effective": f"Effective, {chosen.currency} per million",
            "list": f"List, {chosen.currency} per million",
            "below_list": "Below list",
            "effective_cost": f"Effective cost, {chosen.currency}",
            "list_cost": f"List cost, {chosen.currency}",
            "estimated_cost": "Counted tokens at agreed price, estimate",
        },
        file_name=file_name("unit_prices", chosen),
        label="Download unit prices as CSV",
        notes="Rates are cut off at six digits. An effective cost that is unknown was not billed.",
    )
    chart = _price_chart(found, chosen)
    return mo.vstack([parts.panel(chart), table] if chart else [table], gap=1)


def _below(effective: Decimal | None, at_list: Decimal | None) -> str:
    if effective is None or at_list is None:
        return formats.UNKNOWN
    return formats.share(at_list - effective, at_list)


def _price_chart(found: list[Row], chosen: Selection) -> Any:
    """Draw the models with most tokens in the month of which both prices are known."""
    both = [row for row in found if row["effective"] is not None and row["list"] is not None]
    drawn = [row["model"] for row in both if row["billing_month"] == chosen.month]
    drawn = list(dict.fromkeys(drawn))[:MODELS_DRAWN]
    if not drawn:
        return None
    points = [
        token_charts.point(
            f"{row['billing_month']:%b %Y}",
            row["model"],
            row[kind],
            f"{chosen.currency} {formats.exact(row[kind])} per million tokens",
            kind=kind,
        )
        for row in sorted(both, key=lambda row: row["billing_month"])
        if row["model"] in drawn
        for kind in ("effective", "list")
    ]
    first = next(row for row in both if row["model"] == drawn[0])
    title = (
        f"A million tokens of {drawn[0]} cost {chosen.currency}"
        f" {formats.exact(first['effective'])} in {month_name(first['billing_month'])},"
        f" {first['below_list']} below list"
    )
    return token_charts.line_chart(
        points,
        looks=list(zip(drawn, TEAM_COLOURS, strict=False)),
        axis=f"{chosen.currency} per million tokens",
        title=title,
        value_title="A million tokens",
        kinds=("effective", "list"),
    )
