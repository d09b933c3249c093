"""What the shadow AI app asks the marts: sums and filters, values as parameters.

Every function takes a cursor on the publication and returns a Polars frame. Amounts are decimals
with their currency in the row. A number of persons below SMALL_GROUP never leaves a query, whatever
the mart says.
"""

from dataclasses import dataclass
from typing import Any

import duckdb
import polars as pl

from notebooks.lib.evidence import ROW_LIMIT
from notebooks.lib.queries import select

SMALL_GROUP = 5
TO_DECIDE, ALL_STATES = "to_decide", "all"
# A column of each mart that tells it from what an older publication has by the same name.
TOLD_BY = {
    "shadow_findings": "address_count",
    "shadow_evidence": "is_small_group",
    "ai_service_inventory": "address_count",
    "shadow_trend_month": "found_count",
    "shadow_spend_month": "spend_kind",
}
TEAM = "($team is null or team_id = $team)"
SERVICE = "($service is null or ai_service_id = $service)"
STATE = "($state = 'all' or state = $state or ($state = 'to_decide' and is_open))"
PERSONS = f"""
            case when not is_small_group and person_count >= {SMALL_GROUP} then person_count end
                as person_count,
            case when not is_small_group and address_count >= {SMALL_GROUP} then address_count end
                as address_count,
            is_small_group or coalesce(greatest(person_count, address_count) < {SMALL_GROUP}, false)
                as is_small_group"""
SPEND = """case spend_kind
                when 'billed' then billed_cost when 'card' then card_cost else estimated_cost
            end"""


@dataclass(frozen=True)
class ShadowFilter:
    """Which findings and services are shown; None means all of them."""

    team: str | None = None
    service: str | None = None
    route: str | None = None
    kind: str | None = None
    state: str = TO_DECIDE
    least_risk: float = 0
    least_families: int = 0

    def values(self, **more: Any) -> dict[str, Any]:
        """Return the choice as parameters of a statement."""
        return vars(self) | more


def marts(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the marts on shadow AI, none of them where the publication has not all."""
    query = "select table_name, column_name from information_schema.columns"
    found = set(select(connection, query).rows())
    return list(TOLD_BY) if set(TOLD_BY.items()) <= found else []


def teams(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str | None]]:
    """Return the ids and names of the teams that use any AI service, by name."""
    query = """
        select team_id, max(team_name) as team_name from (
            select team_id, team_name from shadow_findings
            union all select team_id, team_name from ai_service_inventory
        ) group by team_id order by lower(max(team_name)), team_id
    """
    return select(connection, query).rows()


def services(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str | None]]:
    """Return the ids and names of the AI services in use, by name."""
    query = """
        select ai_service_id, max(ai_service_name) as ai_service_name from (
            select ai_service_id, ai_service_name from shadow_findings
            union all select ai_service_id, ai_service_name from ai_service_inventory
        ) group by ai_service_id order by lower(max(ai_service_name)), ai_service_id
    """
    return select(connection, query).rows()


def standing(connection: duckdb.DuckDBPyConnection, chosen: ShadowFilter) -> pl.DataFrame:
    """Return one row: how many findings there are, and how many still want a decision."""
    query = f"""
        select
            count(*) as finding_count,
            cast(count(*) filter (is_open) as bigint) as open_count,
            cast(count(*) filter (state = 'reopened') as bigint) as reopened_count,
            cast(count(*) filter (is_open and signal_family_count > 1) as bigint)
                as agreeing_count,
            max(last_seen_date) as last_seen_date
        from shadow_findings where {TEAM} and {SERVICE}
    """
    return select(connection, query, **chosen.values())


def inventory(
    connection: duckdb.DuckDBPyConnection, chosen: ShadowFilter, *, limit: int | None = ROW_LIMIT
) -> pl.DataFrame:
    """Return one row per service, team and route, most costly of the last 30 days first."""
    query = f"""
        select
            ai_service_id, ai_service_name, vendor_name, ai_service_category, team_id, team_name,
            usage_route, first_seen_date, last_seen_date, {PERSONS}, state, is_open,
            decided_plan_name, reporting_currency, reporting_cost, reporting_recent_cost,
            reporting_former_cost
        from ai_service_inventory
        where {TEAM} and {SERVICE} and ($route is null or usage_route = $route)
        order by reporting_recent_cost desc nulls last, reporting_cost desc nulls last,
            ai_service_name, ai_service_id, team_id, usage_route
        limit $row_limit
    """
    return select(connection, query, **chosen.values(row_limit=limit))


def inventory_size(connection: duckdb.DuckDBPyConnection, chosen: ShadowFilter) -> pl.DataFrame:
    """Return one row: how many services and teams, and how many of the services are not decided."""
    query = f"""
        select
            count(distinct ai_service_id) as service_count, count(distinct team_id) as team_count,
            count(distinct case when is_open then ai_service_id end) as open_service_count
        from ai_service_inventory where {TEAM} and {SERVICE}
    """
    return select(connection, query, **chosen.values())


def findings(
    connection: duckdb.DuckDBPyConnection, chosen: ShadowFilter, *, limit: int | None = ROW_LIMIT
) -> pl.DataFrame:
    """Return one row per finding, most money at risk first.

    That is the larger of what was seen and what is estimated: they may be the same money, and are
    not added.
    """
    query = f"""
        select
            finding_id, team_id, team_name, ai_service_id, ai_service_name, vendor_name,
            ai_service_category, finding_kind, first_seen_date, last_seen_date, {PERSONS},
            call_count, uploaded_bytes, signal_count, signal_families, signal_family_count,
            match_confidence, exposure_class, exposure_factor, vendor_class, vendor_factor,
            control_class, control_factor, risk_score, reporting_currency,
            reporting_billed_cost, reporting_card_cost, reporting_seen_cost,
            reporting_estimated_cost, estimate_basis,
            greatest(reporting_seen_cost, reporting_estimated_cost) as at_risk_cost,
            case when reporting_estimated_cost > coalesce(reporting_seen_cost, 0)
                then 'estimated' else 'seen' end as at_risk_basis,
            owner_basis, state, is_open, decision_valid_from, decision_valid_to, decided_by,
            decided_on, decision_reason
        from shadow_findings
        where {TEAM} and {SERVICE} and ($kind is null or finding_kind = $kind) and {STATE}
            and ($least_risk = 0 or risk_score >= $least_risk)
            and signal_family_count >= $least_families
        order by at_risk_cost desc nulls last, risk_score desc nulls last, signal_family_count desc,
            finding_id
        limit $row_limit
    """
    return select(connection, query, **chosen.values(row_limit=limit))


def evidence(
    connection: duckdb.DuckDBPyConnection, finding_id: str, *, limit: int | None = ROW_LIMIT
) -> pl.DataFrame:
    """Return one row per signal, source and load behind a finding, the newest first."""
    query = """
        select
            signal_family, signal_kind, source_name, location, first_source_line,
            first_seen_date, last_seen_date, signal_count, stopped_count, call_count,
            uploaded_bytes, load_unit_id, finding_id
        from shadow_evidence where finding_id = $finding_id
        order by last_seen_date desc, signal_family, signal_kind, source_name, load_unit_id
        limit $row_limit
    """
    return select(connection, query, finding_id=finding_id, row_limit=limit)


def billed_currencies(connection: duckdb.DuckDBPyConnection, team: str, service: str) -> list[str]:
    """Return the currencies in which a team was billed for a service that no gateway saw."""
    query = """
        select distinct billing_currency from shadow_spend_month
        where spend_kind = 'billed' and team_id = $team and ai_service_id = $service
        order by billing_currency
    """
    found = select(connection, query, team=team, service=service)
    return found["billing_currency"].drop_nulls().to_list()


def trend(connection: duckdb.DuckDBPyConnection, chosen: ShadowFilter) -> pl.DataFrame:
    """Return one row per month and kind: found, decided, under the gateway, open; of all teams."""
    query = """
        select
            trend_month, finding_kind, found_count, decided_count, brought_under_gateway_count,
            open_count
        from shadow_trend_month where ($kind is null or finding_kind = $kind)
        order by trend_month, finding_kind
    """
    return select(connection, query, **chosen.values())


def currencies(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the currencies of what was spent, the one with most rows first."""
    query = """
        select billing_currency from shadow_spend_month
        where billing_currency is not null group by 1 order by count(*) desc, 1
    """
    return select(connection, query)["billing_currency"].to_list()


def spend_by_kind(connection: duckdb.DuckDBPyConnection, chosen: ShadowFilter) -> pl.DataFrame:
    """Return one row per month, currency and kind of spend; what has no amount is counted."""
    query = f"""
        select
            billing_month, billing_currency, spend_kind, sum({SPEND}) as cost,
            cast(count(*) filter ({SPEND} is null) as bigint) as unknown_count
        from shadow_spend_month where {TEAM} and {SERVICE}
        group by billing_month, billing_currency, spend_kind
        order by billing_month, billing_currency, spend_kind
    """
    return select(connection, query, **chosen.values())


def spend_lines(
    connection: duckdb.DuckDBPyConnection,
    chosen: ShadowFilter,
    currency: str,
    *,
    limit: int | None = ROW_LIMIT,
) -> pl.DataFrame:
    """Return one row per month, service, team and kind of spend, newest month first."""
    query = f"""
        with names as (
            select ai_service_id, max(ai_service_name) as ai_service_name
            from ai_service_inventory group by ai_service_id
        )
        select
            billing_month, spend_kind, spent.ai_service_id,
            coalesce(max(names.ai_service_name), spent.ai_service_id, max(service_provider_name))
                as ai_service_name,
            team_id, max(team_name) as team_name, billing_currency, sum(billed_cost) as billed_cost,
            sum(card_cost) as card_cost, sum(estimated_cost) as estimated_cost,
            string_agg(distinct estimate_basis, ', ' order by estimate_basis) as estimate_basis,
            min(first_seen_date) as first_seen_date, max(last_seen_date) as last_seen_date
        from (select * from shadow_spend_month where {TEAM} and {SERVICE}) as spent
        left join names on spent.ai_service_id = names.ai_service_id
        where billing_currency = $currency
        group by billing_month, spend_kind, spent.ai_service_id, team_id, billing_currency
        order by billing_month desc, max({SPEND}) desc nulls last, spend_kind,
            spent.ai_service_id, team_id
        limit $row_limit
    """
    return select(connection, query, **chosen.values(currency=currency, row_limit=limit))
