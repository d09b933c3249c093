"""What is worth telling: rows of the published marts, each with an id that stays."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pipelines.config import Settings
from pipelines.inspect import query_publication

RECENT_DAYS = 14
"""Of what is over longer nobody is told, so that a first call does not tell of all the past."""

_BUDGETS = f"""
    select *
    from budget_threshold_period
    where period_end > as_of_date - interval {RECENT_DAYS} day
        and (is_crossed or (is_current and is_forecast_to_cross and threshold_ratio >= 1))
    order by period_start, scope_kind, scope_id, threshold_ratio
"""
_ANOMALIES = f"""
    select *
    from anomalies_day
    where episode_start_date > (select max(as_of_date) from accrual_day)
        - interval {RECENT_DAYS} day
        and usage_date = episode_start_date
    order by usage_date, team_id, service_provider_name, measure
"""
_UNPRICED = f"""
    select
        usage_month, service_provider_name, model_name, sum(tokens) as tokens,
        min(first_seen_date) as first_seen_date
    from unpriced_usage
    where last_seen_date > (select max(as_of_date) from accrual_day)
        - interval {RECENT_DAYS} day
    group by all
    having sum(tokens) > 0
    order by all
"""
# Lines of a bill that are still open, where they are more than a hundredth of it: one too high and
# another too low explain each other not at all. What grew past a step is told again.
_RECONCILIATION = """
    with bills as (
        select
            billing_month, service_provider_name, billing_account_id, billing_currency,
            abs(sum(invoice_cost)) as invoice_cost,
            sum(
                case
                    when is_billed and reconciliation_status = 'open' then abs(unexplained_cost)
                    else 0
                end
            ) as unexplained_cost
        from invoice_reconciliation_month
        where billing_month >= (
            select date_trunc('month', max(as_of_date)) - interval 1 month from accrual_day
        )
        group by all
    )

    select
        *,
        case
            when unexplained_cost > coalesce(invoice_cost, 0) * 0.20 then 20
            when unexplained_cost > coalesce(invoice_cost, 0) * 0.05 then 5
            else 1
        end as step_percent
    from bills
    where unexplained_cost > coalesce(invoice_cost, 0) * 0.01
        and unexplained_cost >= 1
    order by all
"""


@dataclass(frozen=True)
class Event:
    """One thing to tell: an id that no later publication changes, a sentence, and the facts."""

    event_id: str
    kind: str
    title: str
    facts: dict[str, str]


def read_events(settings: Settings) -> list[Event]:
    """Return what the current publication has to tell, in a fixed order."""
    readers = (
        (_BUDGETS, _of_budget),
        (_ANOMALIES, _of_anomaly),
        (_RECONCILIATION, _of_reconciliation),
        (_UNPRICED, _of_unpriced),
    )
    return [
        tell(row)
        for query, tell in readers
        for row in query_publication(settings, query).as_dicts()
    ]


def event_id(*parts: object) -> str:
    """Return the id of an event: a hash of what makes it the same one."""
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:32]


def scope_word(kind: str) -> str:
    """Return a kind of scope in words; AI keeps its capitals."""
    return kind.replace("_", " ").replace("ai ", "AI ")


def _of_budget(row: dict[str, Any]) -> Event:
    kind = "budget_crossed" if row["is_crossed"] else "budget_forecast"
    share = f"{(row['threshold_ratio'] * 100).normalize():f} %"
    whose = f"{scope_word(row['scope_kind'])} {row['scope_id']}"
    verb = "has reached" if row["is_crossed"] else "is forecast to reach"
    facts = {
        "period": f"{row['period_start']} to {row['period_end']}",
        "threshold": f"{share}, {_money(row['threshold_cost'], row['budget_currency'])}",
        "spent, accruals included": _money(row["spent_cost"], row["budget_currency"]),
        "forecast of the period": _money(row["forecast_cost"], row["budget_currency"]),
        "reached on": _text(row["crossed_date"]),
        "contact": _text(row["contact"]),
        "data up to": _text(row["as_of_date"]),
    }
    return Event(
        event_id(kind, row["budget_id"], row["period_start"], f"{row['threshold_ratio']:f}"),
        kind,
        f"The {row['budget_period']} budget of {whose} {verb} {share}",
        facts,
    )


def _of_anomaly(row: dict[str, Any]) -> Event:
    measure = row["measure"].replace("_", " ")
    side = f"far {row['direction']} what was expected"
    share = row["driver_share"]
    facts = {
        "day": _text(row["usage_date"]),
        "observed": _value(row, "observed_value"),
        "expected": _value(row, "expected_value"),
        "moved most by": (
            f"{_driver(row)} ({share:.0%} of the change)"
            if row["driver_kind"]
            else "not told apart"
        ),
    }
    return Event(
        event_id("anomaly", row["episode_id"]),
        "anomaly",
        f"{measure.capitalize()} of {row['team_id']} at {row['service_provider_name']} is {side}",
        facts,
    )


def _driver(row: dict[str, Any]) -> str:
    """Return what moved a value; which user it was is not published."""
    kind = row["driver_kind"].replace("_", " ")
    return f"{kind} {row['driver_id']}" if row["driver_id"] else f"one {kind}"


def _of_reconciliation(row: dict[str, Any]) -> Event:
    key = (row["billing_month"], row["service_provider_name"], row["billing_account_id"])
    facts = {
        "bill": _money(row["invoice_cost"], row["billing_currency"]),
        "unexplained": _money(row["unexplained_cost"], row["billing_currency"]),
        "share": f"more than {row['step_percent']} %",
    }
    return Event(
        event_id("reconciliation_open", *key, row["billing_currency"], row["step_percent"]),
        "reconciliation_open",
        f"The bill of {key[1]}, account {key[2]}, for {key[0]:%Y-%m} is not explained by usage",
        facts,
    )


def _of_unpriced(row: dict[str, Any]) -> Event:
    model = row["model_name"] or "an unnamed model"
    seller = row["service_provider_name"] or "an unknown provider"
    facts = {
        "tokens without a price": f"{row['tokens']:,}",
        "first seen": _text(row["first_seen_date"]),
        "remedy": "Add a price to overrides.csv, or an alias to aliases.csv.",
    }
    return Event(
        event_id("unpriced_usage", row["usage_month"], seller, model),
        "unpriced_usage",
        f"No price is known for {model} of {seller}, used in {row['usage_month']:%Y-%m}",
        facts,
    )


def _value(row: dict[str, Any], name: str) -> str:
    if row["cost_currency"]:
        unit = " a million tokens" if row["measure"] == "unit_price" else ""
        return _money(row[name], row["cost_currency"]) + unit
    return f"{row[name]:,.0f}" if row["measure"] == "tokens" else f"{row[name]:.1%}"


def _money(amount: Decimal | None, currency: str) -> str:
    return "unknown" if amount is None else f"{amount:,.2f} {currency}"


def _text(value: object) -> str:
    return "-" if value is None else str(value)
