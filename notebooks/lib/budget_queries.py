"""What the budgets app asks the marts: sums and filters, values as parameters.

Every function takes a cursor on the publication and returns a Polars frame. Amounts are decimals;
the currency is a column of each row, and rows of two currencies are never added.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import polars as pl

from notebooks.lib.queries import select
from notebooks.lib.selection import Selection

IN_MONTH = "period_start < $next_month and period_end >= $month"
SCOPE = "($scope_kind is null or scope_kind = $scope_kind)"
# Nothing billed or accrued is zero on days that are known, and unknown on days that nobody knows.
KNOWN_SUMS = """
            case when count(known_cost) > 0 then coalesce(sum(billed_cost), 0) else sum(billed_cost)
                end as billed_cost,
            case when count(known_cost) > 0 then coalesce(
                sum(case when day_state = 'used' then known_cost - coalesce(billed_cost, 0) end), 0
            ) end as accrued_usage_cost"""
# The days that a budget of this scope counts, as models/intermediate/budgets has it.
MEMBER = """(
    ($scope_kind = 'team' and team_id = $scope_id)
    or ($scope_kind = 'cost_center' and cost_center_id = $scope_id)
    or ($scope_kind = 'service_provider' and lower(service_provider_name) = lower($scope_id))
)"""


@dataclass(frozen=True)
class BudgetFilter:
    """A month, and the kind of scope whose budgets are shown; None means all kinds."""

    month: date
    scope_kind: str | None = None

    def values(self) -> dict[str, Any]:
        """Return the choice as parameters of a statement."""
        following = Selection(month=self.month, currency="").next_month
        return {"month": self.month, "next_month": following, "scope_kind": self.scope_kind}


def of_budget(budget: dict[str, Any]) -> dict[str, Any]:
    """Return one budget's period and scope as parameters of a statement."""
    names = ("budget_id", "scope_kind", "scope_id", "period_start", "period_end", "as_of_date")
    return {name: budget[name] for name in names} | {"currency": budget["budget_currency"]}


def months(connection: duckdb.DuckDBPyConnection) -> list[date]:
    """Return the months that have days of the books, newest first."""
    query = """
        select distinct cast(date_trunc('month', usage_date) as date) as month_start
        from accrual_day where usage_date <= as_of_date order by 1 desc
    """
    return select(connection, query)["month_start"].to_list()


def status(connection: duckdb.DuckDBPyConnection, chosen: BudgetFilter) -> pl.DataFrame:
    """Return one row per budget and period that the month lies in, the most pressing first."""
    query = f"""
        with names as (
            select team_id, max_by(team_name, billing_month) as team_name
            from cost_per_team_month group by team_id
        ),
        systems as (
            select ai_system_id, max_by(ai_system_name, valid_from) as ai_system_name
            from dim_ai_systems group by ai_system_id
        )
        select
            budget_id, scope_kind, scope_id,
            coalesce(names.team_name, systems.ai_system_name, scope_id) as scope_name,
            budget_period, period_start, period_end, as_of_date, contact, thresholds,
            budget_currency, budgeted_cost, billed_cost, accrued_usage_cost,
            accrued_forecast_cost, spent_cost, spent_ratio, remaining_cost, forecast_cost,
            lower_cost, upper_cost, forecast_ratio, budget_status,
            budgeted_cost - spent_cost as left_cost,
            budgeted_cost - forecast_cost as left_by_forecast_cost,
            unconverted_day_count, unknown_day_count, unforecast_series_count, is_current
        from budget_status_period
        left join names on scope_kind = 'team' and names.team_id = scope_id
        left join systems on scope_kind = 'ai_system' and systems.ai_system_id = scope_id
        where {IN_MONTH} and {SCOPE}
        order by forecast_ratio desc nulls last, spent_ratio desc nulls last, budget_id
    """
    return select(connection, query, **chosen.values())


def thresholds(connection: duckdb.DuckDBPyConnection, chosen: BudgetFilter) -> pl.DataFrame:
    """Return one row per budget, period and threshold."""
    query = f"""
        select
            budget_id, scope_kind, scope_id, budget_period, period_start, period_end,
            threshold_ratio, threshold_cost, budget_currency, spent_cost, forecast_cost,
            crossed_date, is_crossed, is_forecast_to_cross, is_current, contact
        from budget_threshold_period where {IN_MONTH} and {SCOPE}
        order by scope_kind, scope_id, period_start, threshold_ratio
    """
    return select(connection, query, **chosen.values())


def days(connection: duckdb.DuckDBPyConnection, budget: dict[str, Any]) -> pl.DataFrame:
    """Return one row per day up to the newest and currency: billed, accrued by usage, both.

    Days that nobody knows yet have a null where they would have an amount.
    """
    query = f"""
        select
            usage_date, billing_currency,
            {KNOWN_SUMS},
            cast(count(*) filter (where day_state = 'open') as bigint) as open_series_count
        from accrual_day
        where usage_date between $period_start and $period_end and usage_date <= as_of_date
            and {MEMBER}
        group by usage_date, billing_currency order by billing_currency, usage_date
    """
    return select(connection, query, **of_budget(budget))


def forecast(connection: duckdb.DuckDBPyConnection, budget: dict[str, Any]) -> pl.DataFrame:
    """Return one row per day of the budget as a whole that is not known yet: an estimate."""
    query = """
        select
            forecast_date, forecast_cost, lower_cost, upper_cost, cost_currency, forecast_method,
            is_back_tested, is_accrual
        from cost_forecast_day
        where series_kind = 'budget' and series_id = $budget_id
            and forecast_date between $period_start and $period_end
        order by forecast_date
    """
    return select(connection, query, **of_budget(budget))


def accruals(connection: duckdb.DuckDBPyConnection, budget: dict[str, Any]) -> pl.DataFrame:
    """Return one row per series of the budget: its days by how well they are known, and sums."""
    query = f"""
        select
            series_id, team_id, service_provider_name, billing_account_id, billing_currency,
            cast(count(*) filter (where day_state = 'billed') as bigint) as billed_day_count,
            cast(count(*) filter (where day_state = 'used') as bigint) as used_day_count,
            cast(count(*) filter (where day_state = 'open') as bigint) as open_day_count,
            {KNOWN_SUMS},
            sum(known_cost) as known_cost,
            max(bill_complete_to) as bill_complete_to,
            max(usage_complete_to) as usage_complete_to
        from accrual_day
        where usage_date between $period_start and $period_end and usage_date <= as_of_date
            and {MEMBER}
        group by series_id, team_id, service_provider_name, billing_account_id, billing_currency
        order by known_cost desc nulls last, team_id, service_provider_name, billing_account_id,
            billing_currency
    """
    return select(connection, query, **of_budget(budget))


def backtest(connection: duckdb.DuckDBPyConnection, budget: dict[str, Any]) -> pl.DataFrame:
    """Return one row per series, method and length of a period: the budget's own series first."""
    query = f"""
        select
            series_kind, series_id, team_id, service_provider_name, billing_account_id,
            horizon_days, forecast_method, is_winner, origin_count, error_ratio, coverage_ratio,
            interval_count, held_interval_count, actual_cost, absolute_error_cost, error_cost,
            cost_currency
        from forecast_backtest
        where series_id = $budget_id
            or (series_kind = 'agent' and $scope_kind = 'agent' and agent_id = $scope_id)
            or (
                series_kind = 'ai_system' and $scope_kind = 'ai_system'
                and ai_system_id = $scope_id
            )
            or series_id in (
                select series_id from accrual_day
                where usage_date between $period_start and $period_end and {MEMBER}
            )
        order by
            case when series_id = $budget_id then 0 else 1 end, team_id, service_provider_name,
            series_id, horizon_days, error_ratio nulls last, forecast_method
    """
    return select(connection, query, **of_budget(budget))


def anomalies(connection: duckdb.DuckDBPyConnection, chosen: BudgetFilter) -> pl.DataFrame:
    """Return one row per odd day and measure of the month, of all teams, newest first."""
    query = """
        select
            usage_date, episode_start_date, team_id, service_provider_name, measure, direction,
            observed_value, expected_value, cost_currency, lower_value, upper_value, robust_score,
            driver_kind, driver_id, driver_share, usual_share, episode_id
        from anomalies_day where usage_date >= $month and usage_date < $next_month
        order by usage_date desc, team_id, service_provider_name, measure
    """
    return select(connection, query, **chosen.values())
