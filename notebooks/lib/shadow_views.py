"""The views of the shadow AI app: frames in, finished parts of the page out."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import marimo as mo
import polars as pl

from notebooks.lib import formats, parts, shadow_charts, shadow_words, tables
from notebooks.lib.evidence import ROW_LIMIT
from notebooks.lib.evidence_views import CUT
from notebooks.lib.formats import money
from notebooks.lib.parts import Card
from notebooks.lib.shadow_words import SPENDS

Row = dict[str, Any]
NO_INVENTORY = (
    "No AI service was seen in use for this choice. What networks, sign-ins, cards and tools know"
    " comes from their sources: `bursar sources` says which are set up."
)
NO_FINDINGS = "Nothing to decide for this choice: choose another team, service, kind or state."
TIMES = " \N{MULTIPLICATION SIGN} "
BASES = {"seen": "seen", "estimated": "estimate"}


def header_facts(standing: Row) -> list[tuple[str, str, bool]]:
    """Return what the header shows; true asks for attention."""
    opened, reopened = standing["open_count"], standing["reopened_count"]
    return [
        ("Newest signal", formats.moment(standing["last_seen_date"]), False),
        ("To decide or stop", formats.count(opened), opened > 0),
        ("Reopened", formats.count(reopened), reopened > 0),
    ]


def headline_cards(
    standing: Row, size: Row, spend: pl.DataFrame, complete_to: datetime
) -> list[Card]:
    """Return what is in use, what wants a decision, and the newest whole month's money by kind."""
    opened, whole = standing["open_count"], standing["finding_count"]
    return [
        Card(
            "Findings to decide or stop",
            formats.count(opened),
            (f"of {formats.count(whole)} findings",),
            tone="attention" if opened else "plain",
        ),
        Card(
            "AI services in use",
            formats.count(size["service_count"]),
            (
                f"by {formats.count(size['team_count'])} teams;"
                f" {formats.count(size['open_service_count'])} not decided for all of them",
            ),
        ),
        Card(
            "Two families or more agree",
            formats.count(standing["agreeing_count"]),
            (f"of {formats.count(opened)} to decide or stop",),
        ),
        *(_spend_card(spend, kind, complete_to.astimezone(UTC).date()) for kind in SPENDS),
    ]


def _spend_card(spend: pl.DataFrame, kind: str, until: date) -> Card:
    """Return one kind of spend in a month, each currency on a line of its own.

    The month is the newest that is over on the day `until`; what a later one has so far is a line.
    """
    label = {
        "billed": "Billed, seen by no gateway",
        "card": "Paid by card",
        "estimated": "Estimated, on no bill",
    }[kind]
    if spend.is_empty():
        return Card(label, formats.UNKNOWN, ("no month has any",))
    own = spend.filter(pl.col("spend_kind") == kind)
    newest = spend["billing_month"].max()
    month = spend.filter(pl.col("billing_month").dt.month_end() < until)["billing_month"].max()
    running = () if month in (newest, None) else (_so_far(own, newest),)
    month = month or newest
    rows = own.filter(pl.col("billing_month") == month)
    amounts = _amounts(rows)
    label = f"{label}, {month:%b %Y}"
    if rows.is_empty():
        return Card(label, "none", ("nothing of this kind was seen", *running))
    if not amounts:
        return Card(label, formats.UNKNOWN, ("no amount is known", *running))
    lines = [f"and {money(amount, code)}" for amount, code in amounts[1:]]
    unknown = rows["unknown_count"].sum()
    if unknown:
        lines.append(f"{formats.count(unknown)} without an amount")
    if kind == "estimated":
        lines.append("an estimate, never added to bills")
    amount, code = amounts[0]
    exact = f"{code} {formats.exact(amount)}"
    return Card(label, money(amount, code), (*lines, *running), exact=exact)


def _amounts(rows: pl.DataFrame) -> list[tuple[Decimal, str]]:
    known = rows.filter(pl.col("cost").is_not_null()).sort("cost", descending=True)
    return known.select("cost", "billing_currency").rows()


def _so_far(own: pl.DataFrame, month: date) -> str:
    rows = own.filter(pl.col("billing_month") == month)
    said = [money(amount, code) for amount, code in _amounts(rows)]
    nothing = "none" if rows.is_empty() else formats.UNKNOWN
    return f"{month:%b %Y} so far: {' and '.join(said) or nothing}"


def with_words(rows: pl.DataFrame, **words: Callable[[Row], str]) -> pl.DataFrame:
    """Return the rows with columns of text made of each row."""
    found = rows.to_dicts()
    return rows.with_columns(
        pl.Series(name, [write(row) for row in found], dtype=pl.String)
        for name, write in words.items()
    )


def currency_of(rows: pl.DataFrame) -> str:
    """Return the one reporting currency of the publication."""
    known = rows["reporting_currency"].drop_nulls()
    return "" if known.is_empty() else str(known[0])


def inventory_view(rows: pl.DataFrame, *, everything: Callable[[], pl.DataFrame]) -> mo.Html:
    """Return which services are in use, as chart of the last 30 days and table."""
    if rows.is_empty():
        return parts.empty(NO_INVENTORY)
    code = currency_of(rows)
    shown = with_words(
        rows,
        route=_route,
        people=shadow_words.persons,
        state_word=lambda row: shadow_words.state(row["state"]),
        plan=lambda row: row["decided_plan_name"] or "any",
        category=lambda row: shadow_words.plain(row["ai_service_category"]),
        change=lambda row: formats.change(
            row["reporting_recent_cost"], row["reporting_former_cost"]
        ),
    )
    table = tables.show(
        shown,
        titles={
            "ai_service_name": "Service",
            "team_name": "Team",
            "route": "Route",
            "state_word": "State",
            "plan": "Decided for plan",
            "reporting_recent_cost": f"Last 30 days, {code}",
            "reporting_former_cost": "30 days before",
            "change": "Change",
            "reporting_cost": "Since the first",
            "people": "Persons named",
            "first_seen_date": "First seen",
            "last_seen_date": "Last seen",
            "vendor_name": "Vendor",
            "category": "Category",
        },
        file_name="bursar_ai_inventory.csv",
        label="Download inventory as CSV",
        everything=everything,
        notes="Costs of two routes are never added: a card may have paid what a bill says."
        + (f" {CUT}" if len(rows) == ROW_LIMIT else ""),
    )
    costs = (
        rows.filter(pl.col("reporting_recent_cost") > 0)
        .group_by("ai_service_name", "usage_route", "state")
        .agg(pl.col("reporting_recent_cost").sum().alias("cost"))
    )
    costs = with_words(costs, service=lambda row: f"{row['ai_service_name']} · {_route(row)}")
    if costs.is_empty():
        nothing = parts.empty("No cost of the last 30 days is known; the services are below.")
        return mo.vstack([nothing, table], gap=1)
    chart = shadow_charts.inventory_chart(costs, currency=code, title=_inventory_title(costs, code))
    return mo.vstack([parts.panel(chart), table], gap=1)


def _route(row: Row) -> str:
    return shadow_words.ROUTES.get(row["usage_route"], row["usage_route"])


def _inventory_title(costs: pl.DataFrame, code: str) -> str:
    """Return the sentence over the chart: the dearest service by one route; routes overlap."""
    whole = costs.group_by("service").agg(pl.col("cost").sum())
    first = whole.sort("cost", "service", descending=[True, False]).row(0, named=True)
    return f"Dearest in the last 30 days: {first['service']}, {money(first['cost'], code)}"


def findings_view(rows: pl.DataFrame, *, everything: Callable[[], pl.DataFrame]) -> mo.Html:
    """Return the findings by money at risk, as chart and table."""
    if rows.is_empty():
        return parts.empty(NO_FINDINGS)
    code = currency_of(rows)
    shown = with_words(
        rows,
        kind=lambda row: shadow_words.kind(row["finding_kind"]),
        state_word=lambda row: shadow_words.state(row["state"]),
        people=shadow_words.persons,
        risk=lambda row: _factor(row["risk_score"]),
        agree=lambda row: shadow_words.families(row["signal_families"]),
        up=lambda row: shadow_words.size(row["uploaded_bytes"]),
    )
    unknown = len(rows.filter(pl.col("at_risk_cost").is_null()))
    cut = f" {CUT}" if len(rows) == ROW_LIMIT else ""
    table = tables.show(
        shown,
        titles={
            "ai_service_name": "Service",
            "team_name": "Team",
            "kind": "Finding",
            "state_word": "State",
            "reporting_seen_cost": f"Money seen, {code}",
            "reporting_estimated_cost": "Money, estimate",
            "risk": "Risk",
            "signal_family_count": "Confidence, families",
            "agree": "Which agree",
            "match_confidence": "Best match",
            "people": "Persons named",
            "call_count": "Calls",
            "up": "Sent up",
            "first_seen_date": "First seen",
            "last_seen_date": "Last seen",
        },
        file_name="bursar_shadow_findings.csv",
        label="Download findings as CSV",
        everything=everything,
        notes=f"By money at risk, the largest first; of {formats.count(unknown)} no money is known."
        + cut,
    )
    drawn = rows.drop_nulls(["at_risk_cost", "risk_score"]).head(shadow_charts.FINDINGS_SHOWN)
    if drawn.is_empty():
        return mo.vstack(
            [parts.empty("Of none of these findings both risk and money are known."), table], gap=1
        )
    chart = shadow_charts.finding_chart(
        [_point(row, code) for row in drawn.iter_rows(named=True)],
        currency=code,
        title=_finding_title(rows, code),
    )
    return mo.vstack([parts.panel(chart), table], gap=1)


def terms(row: Row) -> str:
    """Return the risk as the product that it is."""
    factors = (row[f"{term}_factor"] for term in ("exposure", "vendor", "control"))
    return f"{TIMES.join(_factor(factor) for factor in factors)} = {_factor(row['risk_score'])}"


def _factor(number: Decimal | float | None) -> str:
    return formats.UNKNOWN if number is None else f"{number:.2f}"


def _point(row: Row, code: str) -> Row:
    return {
        "name": shadow_words.finding_name(row),
        "state": row["state"],
        "risk": float(row["risk_score"]),
        "terms": terms(row),
        "families": row["signal_family_count"],
        "words": shadow_words.families(row["signal_families"]),
        "cost": float(row["at_risk_cost"]),
        "exact": f"{code} {formats.exact(row['at_risk_cost'])}, {BASES[row['at_risk_basis']]}",
    }


def _finding_title(rows: pl.DataFrame, code: str) -> str:
    first = rows.row(0, named=True)
    return (
        f"{shadow_words.finding_name(first)}: {money(first['at_risk_cost'], code)}"
        f" ({BASES[first['at_risk_basis']]}), risk {_factor(first['risk_score'])}"
    )
