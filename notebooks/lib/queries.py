"""What the cost overview asks the marts: sums and filters, no arithmetic of its own.

Every function takes a cursor on the publication and returns a Polars frame; amounts are decimals
in the one currency of the selection. Values travel as bound parameters only.
"""

import re
from datetime import date
from typing import Any

import duckdb
import polars as pl

from notebooks.lib.selection import SameDays, Selection

MEASURES = {"billed": "billed_cost", "effective": "effective_cost", "estimated": "estimated_cost"}
MONTHS_SHOWN = 12
TEAM = "($team is null or team_id = $team)"
PROVIDER = "($provider is null or service_provider_name = $provider)"
COST_FILTER = f"billing_currency = $currency and {TEAM} and {PROVIDER}"


def select(connection: duckdb.DuckDBPyConnection, query: str, **values: Any) -> pl.DataFrame:
    """Run one statement, binding those of the values that it names."""
    named = set(re.findall(r"\$(\w+)", query))
    return connection.sql(query, params={name: values[name] for name in named} or None).pl()


def values_of(selection: Selection, **more: Any) -> dict[str, Any]:
    """Return the selection as parameters of a statement."""
    return {
        "month": selection.month,
        "last_month": selection.last_month,
        "next_month": selection.next_month,
        "currency": selection.currency,
        "team": selection.team,
        "provider": selection.provider,
    } | more


def months(connection: duckdb.DuckDBPyConnection) -> list[date]:
    """Return the billing months that have charges, newest first."""
    query = "select distinct billing_month from cost_per_team_month order by 1 desc"
    return select(connection, query)["billing_month"].to_list()


def currencies(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the billing currencies, the one with most rows first."""
    query = """
        select billing_currency from cost_per_team_month
        where billing_currency is not null group by 1 order by count(*) desc, 1
    """
    return select(connection, query)["billing_currency"].to_list()


def teams(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Return one row per team: a label of its own, its rank by cost over all months (1 = most)."""
    query = """
        with per_team as (
            select
                team_id,
                coalesce(max_by(team_name, billing_month), team_id) as team_name,
                sum(case when team_id <> 'unallocated' then billed_cost end) as billed_cost,
            from cost_per_team_month group by team_id
        )
        select
            team_id,
            case
                when count(*) over (partition by team_name) > 1
                    then concat(team_name, ' (', team_id, ')')
                else team_name
            end as team_label,
            row_number() over (order by billed_cost desc nulls last, team_id) as cost_rank,
        from per_team order by lower(team_name), team_id
    """
    return select(connection, query)


def providers(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the providers that billed or served anything, by name."""
    query = """
        select service_provider_name from cost_per_team_month
        union select service_provider_name from shadow_spend_month
        where spend_kind = 'billed'
        union select service_provider_name from invoice_reconciliation_month
        order by 1
    """
    return select(connection, query)["service_provider_name"].drop_nulls().to_list()


def month_totals(connection: duckdb.DuckDBPyConnection, selection: Selection) -> pl.DataFrame:
    """Return one row per month, of the chosen month and the one before.

    Amounts are of the chosen currency; tokens and requests have none and are of all of them.
    """
    query = f"""
        select
            billing_month,
            sum(case when billing_currency = $currency then billed_cost end) as billed_cost,
            sum(case when billing_currency = $currency then effective_cost end) as effective_cost,
            sum(
                case
                    when billing_currency = $currency and team_id = 'unallocated' then billed_cost
                end
            ) as unallocated_cost,
            cast(sum(total_tokens) as bigint) as total_tokens,
            cast(sum(request_count) as bigint) as request_count,
        from cost_per_team_month
        where billing_month in ($month, $last_month) and {TEAM} and {PROVIDER}
        group by billing_month
    """
    return select(connection, query, **values_of(selection))


def same_days_totals(
    connection: duckdb.DuckDBPyConnection, selection: Selection, days: SameDays
) -> pl.DataFrame:
    """Return one row: the complete days of the open month, and as many of the month before."""
    query = f"""
        select
            sum(case when usage_date >= $month then billed_cost end) as this_cost,
            sum(case when usage_date < $month then billed_cost end) as last_cost,
        from cost_per_team_day
        where {COST_FILTER} and (
            (usage_date >= $month and usage_date < $until)
            or (usage_date >= $last_month and usage_date < $last_until)
        )
    """
    more = {"until": days.until, "last_until": days.last_until}
    return select(connection, query, **values_of(selection, **more))


def other_currencies(connection: duckdb.DuckDBPyConnection, selection: Selection) -> pl.DataFrame:
    """Return one row per currency that is not shown, with the month's billed cost."""
    query = f"""
        select billing_currency, sum(billed_cost) as billed_cost
        from cost_per_team_month
        where billing_month = $month and billing_currency <> $currency and {TEAM} and {PROVIDER}
        group by billing_currency having sum(billed_cost) <> 0 order by billing_currency
    """
    return select(connection, query, **values_of(selection))


def cost_per_team_over_time(
    connection: duckdb.DuckDBPyConnection, selection: Selection, *, grain: str, measure: str
) -> pl.DataFrame:
    """Return one row per period and team: the last 12 months, or the days of the chosen month."""
    column = MEASURES[measure]
    if grain == "month":
        mart, period = "cost_per_team_month", "billing_month"
        bounds = "$month - to_months($shown - 1) <= billing_month and billing_month <= $month"
    else:
        mart, period = "cost_per_team_day", "usage_date"
        bounds = "$month <= usage_date and usage_date < $next_month"
    query = f"""
        select {period} as period, team_id, sum({column}) as cost
        from {mart} where {bounds} and {COST_FILTER}
        group by {period}, team_id having sum({column}) is not null order by period, team_id
    """
    return select(connection, query, **values_of(selection, shown=MONTHS_SHOWN))


def team_comparison(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    days: SameDays | None,
    *,
    measure: str,
) -> pl.DataFrame:
    """Return one row per team: this month, last month and, of an open month, the same days.

    A team that changed its cost centre within the month has both in its row.
    """
    column = MEASURES[measure]
    query = f"""
        with months as (
            select team_id, team_name, cost_center_id, billing_month as period,
                case when billing_month = $month then {column} end as this_month,
                case when billing_month = $last_month then {column} end as last_month,
                null as this_days, null as last_days
            from cost_per_team_month
            where billing_month in ($month, $last_month) and {COST_FILTER}
        ),
        days as (
            select team_id, team_name, cost_center_id, usage_date as period,
                null as this_month, null as last_month,
                case when usage_date >= $month then {column} end as this_days,
                case when usage_date < $month then {column} end as last_days
            from cost_per_team_day
            where {COST_FILTER} and (
                (usage_date >= $month and usage_date < $until)
                or (usage_date >= $last_month and usage_date < $last_until)
            )
        ),
        unioned as (select * from months union all select * from days)
        select
            team_id,
            max_by(team_name, period) as team_name,
            coalesce(
                string_agg(distinct cost_center_id, ', ' order by cost_center_id)
                    filter (where this_month is not null),
                string_agg(distinct cost_center_id, ', ' order by cost_center_id)
            ) as cost_center_id,
            coalesce(sum(this_month), 0) as this_month,
            coalesce(sum(last_month), 0) as last_month,
            coalesce(sum(this_month), 0) - coalesce(sum(last_month), 0) as difference,
            coalesce(sum(last_days), 0) as last_month_same_days,
            coalesce(sum(this_days), 0) - coalesce(sum(last_days), 0) as difference_same_days,
        from unioned group by team_id order by this_month desc, last_month desc, team_id
    """
    until, last_until = (
        (days.until, days.last_until) if days else (selection.month, selection.last_month)
    )
    rows = select(connection, query, **values_of(selection, until=until, last_until=last_until))
    return rows if days else rows.drop("last_month_same_days", "difference_same_days")


def cost_per_model(
    connection: duckdb.DuckDBPyConnection, selection: Selection, *, measure: str
) -> pl.DataFrame:
    """Return one row per provider and model billed in the month, most costly first."""
    query = f"""
        with names as (
            select ai_model_id, max(ai_model_name) as ai_model_name
            from tokens_per_model_day group by ai_model_id
        )
        select
            cost_per_team_month.service_provider_name,
            cost_per_team_month.ai_model_id,
            case cost_per_team_month.ai_model_id
                when 'none' then 'No model'
                when 'unknown' then 'Unknown model'
                else max(coalesce(names.ai_model_name, cost_per_team_month.ai_model_id))
            end as ai_model_name,
            sum({MEASURES[measure]}) as cost,
            cast(sum(total_tokens) as bigint) as total_tokens,
            cast(sum(request_count) as bigint) as request_count,
        from cost_per_team_month
        left join names on names.ai_model_id = cost_per_team_month.ai_model_id
        where billing_month = $month and {COST_FILTER}
        group by cost_per_team_month.service_provider_name, cost_per_team_month.ai_model_id
        having sum({MEASURES[measure]}) is not null
        order by cost desc, cost_per_team_month.ai_model_id
    """
    return select(connection, query, **values_of(selection))
