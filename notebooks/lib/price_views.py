"""The tokens app's views of money: what a million tokens cost, and what the bill is made of."""

from decimal import ROUND_DOWN, Decimal, localcontext
from typing import Any

import marimo as mo
import polars as pl

from notebooks.lib import formats, parts, tables, token_charts
from notebooks.lib.formats import month_name
from notebooks.lib.looks import TEAM_COLOURS
from notebooks.lib.selection import Selection
from notebooks.lib.tables import file_name

Row = dict[str, Any]
MILLION = 1_000_000
RATE_DIGITS = Decimal("0.000001")
MODELS_DRAWN = 6
VALUES_DRAWN = 14
CUTS = {"ai_system": "AI system"}
KINDS_OF_VALUE = {
    "unknown": "(unknown)",
    "other": "(other values)",
    "suppressed": "(persons, not told apart)",
}
PLAIN = {"input_uncached", "cache_read", "cache_write_5m", "cache_write_1h"}


def per_million(cost: Decimal | None, tokens: int | None) -> Decimal | None:
    """Return the cost of a million tokens: a rate, cut off at six digits, never to be added."""
    if cost is None or not tokens:
        return None
    with localcontext() as context:
        context.prec = 60
        return (cost * MILLION / tokens).quantize(RATE_DIGITS, rounding=ROUND_DOWN)


def cut_options(found: list[tuple[str, str]]) -> dict[str, str]:
    """Return names of cuts to their address, a tag with its key."""
    names = {
        f"tag: {key}" if dimension == "tag" else CUTS.get(dimension, dimension.replace("_", " ")): (
            f"tag:{key}" if dimension == "tag" else dimension
        )
        for dimension, key in found
    }
    return names or {"token class": "token_class"}


def cut_names(
    cut: str, models: dict[str, str], teams: pl.DataFrame, systems: dict[str, str]
) -> dict[str, str]:
    """Return the names of a cut's values, where they have any."""
    if cut == "team":
        return dict(teams.select("team_id", "team_label").rows())
    return {"model": models, "ai_system": systems}.get(cut, {})


def mix_view(rows: pl.DataFrame, chosen: Selection, *, cut: str, names: dict[str, str]) -> mo.Html:
    """Return the bill cut by one thing, as chart and table."""
    if rows.is_empty():
        return parts.empty(f"Nothing was billed in {chosen.currency} in this month.")
    whole: Decimal = rows["billed_cost"].sum()
    shown = rows.with_columns(
        pl.Series("value", [_value(row, names, cut) for row in rows.iter_rows(named=True)]),
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
    name = first["value"]
    title = (
        f"{name[:1].upper()}{name[1:]} is {first['share']} of {month_name(chosen.month)}'s bill of"
        f" {formats.money(whole, chosen.currency)}"
    )
    chart = token_charts.mix_chart(_beyond(shown, whole), currency=chosen.currency, title=title)
    table = tables.show(
        shown,
        titles={
            "value": f"{cut[:1].upper()}{cut[1:]}",
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


def _value(row: Row, names: dict[str, str], cut: str) -> str:
    """Return a value by name; one that is called like a row of its own kind is told apart."""
    value = row["dimension_value"]
    if row["value_kind"] == "value" and value == "none":
        return f"no {cut}"
    if row["value_kind"] == "value":
        return names.get(value, value.replace("_", " ") if value in PLAIN else value)
    return KINDS_OF_VALUE.get(row["value_kind"], value)


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
    found = priced(rows, names)
    rates = {"effective": pl.Decimal(38, 6), "list": pl.Decimal(38, 6)}
    shown = rows.with_columns(
        pl.Series(name, [row[name] for row in found], dtype=rates.get(name, pl.String))
        for name in ("model", "effective", "list", "below_list")
    ).with_columns(
        pl.lit(chosen.currency).alias("cost_currency"),
        pl.col("billing_month").dt.strftime("%b %Y").alias("month"),
    )
    table = tables.show(
        shown,
        titles={
            "month": "Month",
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


def priced(rows: pl.DataFrame, names: dict[str, str]) -> list[Row]:
    """Return the rows with their model's name, both rates, and how far one is below the other."""
    return [
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
        subtitle="Drawn through: effective. Dashed: at list price.",
    )
