"""The charts of bills: three views side by side, and commitments against their break-even."""

import altair as alt
import polars as pl

from notebooks.lib import charts, formats
from notebooks.lib.looks import BLUE, INK, RED, SKY, TEAL, VIEW_LOOKS

ACCOUNTS_SHOWN = 12
VIEW_COLOURS = {
    "invoice_cost": BLUE,
    "provider_usage_estimated_cost": SKY,
    "metered_estimated_cost": TEAL,
}
PAYS, PAYS_NOT = TEAL, RED


def view_rows(bills: pl.DataFrame, currency: str) -> pl.DataFrame:
    """Return one row per account and view; an unknown amount has no bar and says so."""
    account = pl.format("{} · {}", "service_provider_name", "billing_account_id")
    names = {name: look[0] for name, look in VIEW_LOOKS.items()}
    long = (
        bills.head(ACCOUNTS_SHOWN)
        .select(account.alias("account"), *names)
        .unpivot(index="account", on=list(names), variable_name="column", value_name="cost")
        .with_columns(pl.col("column").replace_strict(names, return_dtype=pl.String).alias("view"))
    )
    shown = [
        formats.UNKNOWN if cost is None else formats.money(cost, "").strip()
        for cost in long["cost"].to_list()
    ]
    exact = [
        formats.UNKNOWN if cost is None else f"{currency} {formats.exact(cost)}"
        for cost in long["cost"].to_list()
    ]
    return long.with_columns(
        pl.Series("shown", shown, dtype=pl.String), pl.Series("exact", exact, dtype=pl.String)
    ).drop("column")


def view_chart(bills: pl.DataFrame, *, currency: str, title: str) -> alt.LayerChart:
    """Draw the three views of each account side by side, the costliest accounts first."""
    rows = view_rows(bills, currency)
    data = formats.for_chart(rows.with_columns(pl.col("cost").fill_null(0).alias("end")))
    high = max([0.0, *data["end"].to_list()])
    views = [look[0] for look in VIEW_LOOKS.values()]
    y = alt.Y(
        "account:N",
        sort=rows["account"].unique(maintain_order=True).to_list(),
        title=None,
        axis=alt.Axis(labelLimit=300, labelColor=INK),
        scale=alt.Scale(paddingInner=0.3),
    )
    offset = alt.YOffset("view:N", sort=views)
    tooltip = [
        alt.Tooltip("account:N", title="Account"),
        alt.Tooltip("view:N", title="View"),
        alt.Tooltip("exact:N", title="Amount"),
    ]
    base = alt.Chart(data)
    bars = base.mark_bar().encode(
        y=y,
        yOffset=offset,
        x=alt.X(
            "end:Q",
            title=f"{currency}; usage and metered are estimates",
            axis=charts.money_axis(grid=True, tickCount=6),
            scale=alt.Scale(domainMax=high * 1.14 or 1, nice=False),
        ),
        color=alt.Color("view:N", scale=alt.Scale(domain=views, range=list(VIEW_COLOURS.values()))),
        tooltip=tooltip,
    )
    texts = base.mark_text(align="left", dx=5, fontSize=11, color=INK).encode(
        y=y, yOffset=offset, x="end:Q", text="shown:N", tooltip=tooltip
    )
    chart = alt.layer(bars, texts, title=title, description=title)
    return chart.properties(width="container", height={"step": 15, "for": "offset"})


def commitment_chart(rows: pl.DataFrame, *, title: str) -> alt.LayerChart:
    """Draw how much of each commitment was used, with a mark where it begins to pay."""
    data = rows.filter(pl.col("utilisation_ratio").is_not_null()).select(
        pl.format("{} · {}", "service_provider_name", "commitment").alias("commitment"),
        "utilisation_ratio",
        "break_even_ratio",
        "utilisation",
        "break_even",
        pl.when(
            pl.col("break_even_ratio").is_null()
            | (pl.col("utilisation_ratio") < pl.col("break_even_ratio"))
        )
        .then(pl.lit(PAYS_NOT))
        .otherwise(pl.lit(PAYS))
        .alias("colour"),
    )
    y = alt.Y("commitment:N", sort=None, title=None, axis=alt.Axis(labelLimit=340, labelColor=INK))
    tooltip = [
        alt.Tooltip("commitment:N", title="Commitment"),
        alt.Tooltip("utilisation:N", title="Utilisation"),
        alt.Tooltip("break_even:N", title="Pays from"),
    ]
    base = alt.Chart(data)
    bars = base.mark_bar(height={"band": 0.5}).encode(
        y=y,
        x=alt.X(
            "utilisation_ratio:Q",
            title="used of what was bought",
            axis=alt.Axis(format="%", grid=True, tickCount=5),
            scale=alt.Scale(domainMin=0),
        ),
        color=alt.Color("colour:N", scale=None, legend=None),
        tooltip=tooltip,
    )
    marks = (
        base.transform_filter("datum.break_even_ratio != null")
        .mark_tick(color=INK, thickness=3, size=26)
        .encode(y=y, x="break_even_ratio:Q", tooltip=tooltip)
    )
    return alt.layer(bars, marks, title=title, description=title).properties(
        width="container", height=alt.Step(44)
    )
