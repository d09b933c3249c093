"""Why the bill changed: the bridge from last month to this as a waterfall, and by team."""

from dataclasses import dataclass
from decimal import Decimal

import marimo as mo
import polars as pl

from notebooks.lib import formats, parts, tables
from notebooks.lib.formats import month_name
from notebooks.lib.selection import Selection
from notebooks.lib.tables import file_name
from notebooks.lib.waterfall import WaterfallError, waterfall

EFFECTS = {
    "opening": ("Last month", "what last month was billed"),
    "volume": ("Volume", "more or less of a unit, at the mean mix and unit costs"),
    "price": ("Price", "unit costs of what is alike in all else"),
    "model_mix": ("Model mix", "between providers and models"),
    "token_mix": ("Token mix", "between input, output and media"),
    "cache": ("Cache", "between uncached input, cache reads and cache writes"),
    "reasoning": ("Reasoning", "between reasoning and visible output"),
    "tier": ("Service tier", "between service tiers of one class"),
    "context": ("Context length", "between context tiers of one class"),
    "one_off": ("One-off", "taxes, credits, adjustments, refunds"),
    "new": ("New", "what last month had nothing of"),
    "gone": ("Gone", "what this month has nothing of"),
    "unmeasured": ("Unmeasured", "in both months, with an unknown quantity in one"),
    "fx": ("Exchange rates", "the change of rates; none in the bill's own currency"),
    "closing": ("This month", "what this month was billed"),
}
ENDS = ("opening", "closing")
AMOUNTS = {"Currency of the bill": "billing", "Reporting currency": "reporting"}


@dataclass(frozen=True)
class Bridge:
    """One bridge: its rows with an `amount` each, and the currency of the amounts."""

    rows: pl.DataFrame
    currency: str

    @property
    def opening(self) -> Decimal | None:
        """Last month's cost."""
        return self._of("opening")

    @property
    def closing(self) -> Decimal | None:
        """This month's cost."""
        return self._of("closing")

    def effects(self) -> Decimal | None:
        """Return the sum of the effects, exactly; None where one of them is unknown."""
        amounts = self.rows.filter("is_change")["amount"]
        return None if amounts.null_count() else sum(amounts, Decimal(0))

    def _of(self, effect: str) -> Decimal | None:
        amount: Decimal | None = self.rows.filter(pl.col("bridge_effect") == effect)["amount"][0]
        return amount


def read_bridge(rows: pl.DataFrame, chosen: Selection, *, amounts: str) -> Bridge | None:
    """Return the bridge in the bill's or the reporting currency, None where there is none."""
    if rows.is_empty():
        return None
    if amounts == "reporting":
        named = rows.with_columns(pl.col("reporting_effect_cost").alias("amount"))
        return Bridge(named, rows["reporting_currency"][0])
    return Bridge(rows.with_columns(pl.col("effect_cost").alias("amount")), chosen.currency)


def proof(bridge: Bridge) -> str:
    """Return the sentence that the bridge sums, with every digit; or by how much it does not."""
    effects, code = bridge.effects(), bridge.currency
    if effects is None or bridge.opening is None or bridge.closing is None:
        return f"A rate into {code} is unknown, so the steps cannot be summed in it."
    reached = bridge.opening + effects
    said = f"{code} {formats.exact(bridge.opening)} + {formats.exact(effects)}"
    if reached == bridge.closing:
        return f"{said} = {formats.exact(bridge.closing)}: the steps sum to the last digit."
    off = formats.exact(bridge.closing - reached)
    return f"{said} is not {formats.exact(bridge.closing)}: {off} is not explained."


def bridge_view(bridge: Bridge | None, chosen: Selection, *, whose: str) -> mo.Html:
    """Return the waterfall, the proof that it sums, and its steps as table."""
    this, last = month_name(chosen.month), month_name(chosen.last_month)
    if bridge is None:
        return parts.empty(
            f"There is no bridge from {last} to {this} in {chosen.currency} for {whose}: the first"
            " month of the books has none to come from."
        )
    labels = {effect: name for effect, (name, _) in EFFECTS.items()} | {
        "opening": last,
        "closing": this,
    }
    named = bridge.rows.with_columns(
        pl.col("bridge_effect").replace_strict(labels, return_dtype=pl.String).alias("label")
    )
    drawn = named.filter(
        (pl.col("amount").is_null()) | (pl.col("amount") != 0) | ~pl.col("is_change")
    )
    try:
        chart = waterfall(
            drawn,
            label="label",
            value="amount",
            unit=bridge.currency,
            title=_title(bridge, chosen, whose),
            totals=(last, this),
            axis_title=f"{bridge.currency}, billed cost",
            value_title="Billed cost",
        )
        shown = [parts.panel(chart), parts.note(proof(bridge))]
    except WaterfallError:  # a waterfall that does not close must not be drawn as if it did
        shown = [parts.banner([proof(bridge)])]
    meanings = [EFFECTS[effect][1] for effect in named["bridge_effect"]]
    table = tables.show(
        named.with_columns(
            pl.Series("meaning", meanings, dtype=pl.String),
            pl.lit(bridge.currency).alias("amount_currency"),
        ),
        titles={"label": "Step", "amount": bridge.currency, "meaning": "What it is"},
        file_name=file_name("bridge", chosen),
        label="Download bridge as CSV",
        notes="Steps of nothing are left out of the chart, not of the table.",
    )
    return mo.vstack([*shown, table], gap=1)


def _title(bridge: Bridge, chosen: Selection, whose: str) -> str:
    this, last = month_name(chosen.month), month_name(chosen.last_month)
    if bridge.opening is None or bridge.closing is None:
        return f"Why {whose}'s bill of {this} differs from {last}'s"
    moved = formats.money((bridge.closing - bridge.opening).copy_abs(), bridge.currency)
    way = "above" if bridge.closing >= bridge.opening else "below"
    changes = bridge.rows.filter("is_change").drop_nulls("amount")
    most = max(changes.iter_rows(named=True), key=lambda row: abs(row["amount"]))
    name = EFFECTS[most["bridge_effect"]][0].lower()
    amount = formats.money(most["amount"], bridge.currency)
    return f"{this}, {whose}: {moved} {way} {last}, most of it {name} ({amount})"


def team_table(
    rows: pl.DataFrame, teams: pl.DataFrame, chosen: Selection, *, amounts: str
) -> mo.Html:
    """Return one line per team: last month, each effect, this month."""
    if rows.is_empty():
        return parts.empty(f"No team has a bridge in {chosen.currency} in this month.")
    is_reporting = amounts == "reporting"
    column = "reporting_effect_cost" if is_reporting else "effect_cost"
    currency = rows["reporting_currency"][0] if is_reporting else chosen.currency
    names = dict(teams.select("team_id", "team_label").rows())
    wide = (
        rows.pivot(on="bridge_effect", index="team_id", values=column)
        .with_columns(
            pl.col("team_id").replace(names).alias("team"),
            pl.lit(currency).alias("amount_currency"),
        )
        .sort("closing", "team_id", descending=[True, False], nulls_last=True)
    )
    found = [effect for effect in EFFECTS if effect in wide.columns]
    heads = {effect: EFFECTS[effect][0] for effect in found}
    heads |= {"opening": f"{chosen.last_month:%b %Y}", "closing": f"{chosen.month:%b %Y}"}
    ends_first = [*ENDS, *(effect for effect in found if effect not in ENDS)]
    return tables.show(
        wide,
        titles={"team": "Team"} | {effect: heads[effect] for effect in ends_first},
        file_name=file_name("bridge_per_team", chosen),
        label="Download teams' bridges as CSV",
        notes=f"Amounts in {currency}. Each line sums to the last digit; all teams together is"
        " another bridge, as a move between teams is no change of all.",
    )
