"""What `bursar alerts` has to tell of a publication, out of the same marts.

The command lives in pipelines/alerts, which an app may not import; a test holds the two together.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl

from notebooks.lib import formats
from notebooks.lib.queries import select

RECENT_DAYS = 14
RECENT_BUDGETS = """
    select * from budget_threshold_period
    where period_end > as_of_date - to_days($recent_days)
        and (is_crossed or (is_current and is_forecast_to_cross and threshold_ratio >= 1))
    order by period_start, scope_kind, scope_id, threshold_ratio
"""
RECENT_ANOMALIES = """
    select * from anomalies_day
    where episode_start_date > (select max(as_of_date) from accrual_day) - to_days($recent_days)
        and usage_date = episode_start_date
    order by usage_date, team_id, service_provider_name, measure
"""
OPEN_BILLS = """
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
        group by billing_month, service_provider_name, billing_account_id, billing_currency
    )
    select * from bills
    where unexplained_cost > coalesce(invoice_cost, 0) * 0.01 and unexplained_cost >= 1
    order by billing_month, service_provider_name, billing_account_id, billing_currency
"""
RECENT_UNPRICED = """
    select
        usage_month, service_provider_name, model_name,
        cast(sum(tokens) as bigint) as tokens, min(first_seen_date) as first_seen_date
    from unpriced_usage
    where last_seen_date > (select max(as_of_date) from accrual_day) - to_days($recent_days)
    group by usage_month, service_provider_name, model_name having sum(tokens) > 0
    order by usage_month, service_provider_name, model_name
"""
SCHEMA = {
    "kind": pl.String,
    "title": pl.String,
    "day": pl.Date,
    "fact": pl.String,
    "contact": pl.String,
}
Row = dict[str, Any]


def current(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Return one row per event of the publication, whether or not somebody was told already."""
    tellers: tuple[tuple[str, Callable[[Row], Row]], ...] = (
        (RECENT_BUDGETS, _budget),
        (RECENT_ANOMALIES, _anomaly),
        (OPEN_BILLS, _bill),
        (RECENT_UNPRICED, _unpriced),
    )
    rows = [
        tell(row)
        for query, tell in tellers
        for row in select(connection, query, recent_days=RECENT_DAYS).iter_rows(named=True)
    ]
    return pl.DataFrame(rows, schema=SCHEMA)


def _event(kind: str, title: str, day: date, fact: str, contact: str | None = None) -> Row:
    return {"kind": kind, "title": title, "day": day, "fact": fact, "contact": contact}


def scope_word(kind: str) -> str:
    """Return a kind of scope in words; AI keeps its capitals."""
    return kind.replace("_", " ").replace("ai ", "AI ")


def _budget(row: Row) -> Row:
    share = f"{(row['threshold_ratio'] * 100).normalize():f} %"
    whose = f"{scope_word(row['scope_kind'])} {row['scope_id']}"
    verb = "has reached" if row["is_crossed"] else "is forecast to reach"
    amount = row["spent_cost"] if row["is_crossed"] else row["forecast_cost"]
    what = "spent" if row["is_crossed"] else "forecast, an estimate"
    return _event(
        "budget reached" if row["is_crossed"] else "budget forecast",
        f"The {row['budget_period']} budget of {whose} {verb} {share}",
        row["crossed_date"] or row["as_of_date"],
        f"{formats.money(amount, row['budget_currency'])} {what}",
        row["contact"],
    )


def _anomaly(row: Row) -> Row:
    measure = row["measure"].replace("_", " ").capitalize()
    return _event(
        "anomaly",
        f"{measure} of {row['team_id']} at {row['service_provider_name']} is far"
        f" {row['direction']} what was expected",
        row["usage_date"],
        f"{measured(row, 'observed_value')}, expected {measured(row, 'expected_value')}",
    )


def _bill(row: Row) -> Row:
    return _event(
        "bill not explained",
        f"The bill of {row['service_provider_name']}, account {row['billing_account_id']}, for"
        f" {row['billing_month']:%Y-%m} is not explained by usage",
        row["billing_month"],
        f"{formats.money(row['unexplained_cost'], row['billing_currency'])} unexplained",
    )


def _unpriced(row: Row) -> Row:
    model = row["model_name"] or "an unnamed model"
    seller = row["service_provider_name"] or "an unknown provider"
    return _event(
        "usage without a price",
        f"No price is known for {model} of {seller}, used in {row['usage_month']:%Y-%m}",
        row["first_seen_date"],
        f"{formats.count(row['tokens'])} tokens",
    )


def measured(row: Row, name: str) -> str:
    """Return the value of a measure with its unit: money, tokens, or a share in per cent."""
    value: Decimal = row[name]
    if row["cost_currency"]:
        unit = " per million tokens" if row["measure"] == "unit_price" else ""
        return f"{row['cost_currency']} {formats.exact(value)}{unit}"
    if row["measure"] == "tokens":
        return f"{value:,.0f} tokens"
    return f"{value * 100:,.1f}%"
