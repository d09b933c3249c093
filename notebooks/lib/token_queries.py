"""What the tokens app asks the marts: sums and filters, values as parameters.

Like queries.py: one cursor in, one frame out; amounts are decimals in the currency of the
selection, tokens are of all currencies, and of what the team's own usage was counted as.
"""

import duckdb
import polars as pl

from notebooks.lib.evidence import ROW_LIMIT
from notebooks.lib.queries import COST_FILTER, MONTHS_SHOWN, PROVIDER, TEAM, select, values_of
from notebooks.lib.selection import Selection

SPLITS = {"model": "ai_model_id", "team": "team_id"}
# Disjoint: together they are total_tokens.
CLASSES = {
    "input": "input_uncached_tokens",
    "media_input": "input_audio_tokens + input_image_tokens + input_video_tokens",
    "cache_read": "cache_read_tokens + cache_read_audio_tokens + cache_read_image_tokens",
    "cache_write": "cache_write_5m_tokens + cache_write_1h_tokens",
    "output": "output_tokens",
    "reasoning": "reasoning_tokens",
    "media_output": "output_audio_tokens + output_image_tokens + output_video_tokens",
}
CLASS_SUMS = ", ".join(
    f"cast(sum({columns}) as bigint) as {name}" for name, columns in CLASSES.items()
)
ALL_INPUT = " + ".join(CLASSES[name] for name in ("input", "media_input", "cache_read"))
ALL_INPUT = f"{ALL_INPUT} + {CLASSES['cache_write']}"
ALL_OUTPUT = " + ".join(CLASSES[name] for name in ("output", "reasoning", "media_output"))
RATIOS = f"""
    cast(sum({CLASSES["cache_read"]}) as bigint) as cache_read_tokens,
    cast(sum({ALL_INPUT}) as bigint) as all_input_tokens,
    cast(sum(reasoning_tokens) as bigint) as reasoning_tokens,
    cast(sum({ALL_OUTPUT}) as bigint) as all_output_tokens,
    cast(sum({CLASSES["cache_read"]}) as double)
        / nullif(cast(sum({ALL_INPUT}) as double), 0) as cache_read_ratio,
    cast(sum(reasoning_tokens) as double)
        / nullif(cast(sum({ALL_OUTPUT}) as double), 0) as reasoning_ratio"""
IN_MONTHS = "$month - to_months($shown - 1) <= billing_month and billing_month <= $month"
IN_DAYS = "$month <= usage_date and usage_date < $next_month"


def tokens_over_time(
    connection: duckdb.DuckDBPyConnection, selection: Selection, *, by: str, grain: str
) -> pl.DataFrame:
    """Return tokens per period and model, team or class: twelve months, or the days of one."""
    if grain == "month":
        mart, period, bounds = "cost_per_team_month", "billing_month", IN_MONTHS
    else:
        mart, period, bounds = "cost_per_team_day", "usage_date", IN_DAYS
    values = values_of(selection, shown=MONTHS_SHOWN)
    if by == "class":
        query = f"""
            select {period} as period, {CLASS_SUMS} from {mart}
            where {bounds} and {TEAM} and {PROVIDER} group by {period} order by {period}
        """
        rows = select(connection, query, **values)
        return rows.unpivot(index="period", variable_name="name", value_name="tokens").filter(
            pl.col("tokens") > 0
        )
    query = f"""
        select {period} as period, {SPLITS[by]} as name,
            cast(sum(total_tokens) as bigint) as tokens
        from {mart} where {bounds} and {TEAM} and {PROVIDER}
        group by {period}, {SPLITS[by]} having sum(total_tokens) > 0 order by {period}, tokens desc
    """
    return select(connection, query, **values)


def model_names(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the name of each model that anybody counted tokens of."""
    query = """
        select ai_model_id, max(ai_model_name) as ai_model_name
        from tokens_per_model_day group by ai_model_id
    """
    rows = select(connection, query).drop_nulls()
    return dict(rows.rows())


def ai_system_names(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the newest name of each AI system of the register."""
    query = """
        select ai_system_id, max_by(ai_system_name, valid_from) as ai_system_name
        from dim_ai_systems group by ai_system_id
    """
    return dict(select(connection, query).rows())


def ratios(
    connection: duckdb.DuckDBPyConnection, selection: Selection, *, grain: str
) -> pl.DataFrame:
    """Return one row per period: cache reads of all input, reasoning of all output."""
    if grain == "month":
        mart, period, bounds = "cost_per_team_month", "billing_month", IN_MONTHS
    else:
        mart, period, bounds = "cost_per_team_day", "usage_date", IN_DAYS
    query = f"""
        select {period} as period, {RATIOS} from {mart}
        where {bounds} and {TEAM} and {PROVIDER} group by {period} order by {period}
    """
    return select(connection, query, **values_of(selection, shown=MONTHS_SHOWN))


def ratios_per_model(connection: duckdb.DuckDBPyConnection, selection: Selection) -> pl.DataFrame:
    """Return one row per provider, model and observer of the month; of all teams, never added."""
    query = f"""
        select
            service_provider_name, ai_model_id, max(ai_model_name) as ai_model_name, observed_by,
            cast(sum(total_tokens) as bigint) as total_tokens, {RATIOS}
        from tokens_per_model_day where {IN_DAYS} and {PROVIDER}
        group by service_provider_name, ai_model_id, observed_by
        having sum(total_tokens) > 0
        order by total_tokens desc, service_provider_name, ai_model_id, observed_by
    """
    return select(connection, query, **values_of(selection))


def unit_prices(connection: duckdb.DuckDBPyConnection, selection: Selection) -> pl.DataFrame:
    """Return one row per month, provider and model with tokens: costs of the currency, and tokens.

    The list cost is unknown where it is of any of the charges.
    """
    query = f"""
        select
            billing_month, service_provider_name, ai_model_id,
            cast(sum(total_tokens) as bigint) as total_tokens,
            sum(billed_cost) as billed_cost,
            sum(effective_cost) as effective_cost,
            case
                when count(effective_cost)
                    = count(case when list_cost is not null then effective_cost end)
                    then sum(list_cost)
            end as list_cost,
            sum(estimated_cost) as estimated_cost
        from cost_per_team_month where {IN_MONTHS} and {COST_FILTER}
            and ai_model_id not in ('none', 'unknown')
        group by billing_month, service_provider_name, ai_model_id
        having sum(total_tokens) > 0
        order by billing_month desc, total_tokens desc, service_provider_name, ai_model_id
    """
    return select(connection, query, **values_of(selection, shown=MONTHS_SHOWN))


def dimensions(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Return the things by which the ledger is cut, and their keys."""
    query = """
        select distinct cost_dimension, dimension_key from cost_per_dimension_month
        order by cost_dimension = 'tag', cost_dimension, dimension_key
    """
    return select(connection, query).rows()


def cost_mix(
    connection: duckdb.DuckDBPyConnection, selection: Selection, *, cut: str
) -> pl.DataFrame:
    """Return one row per value of a cut in the month, of all teams, most costly first.

    A cut is a dimension, with the tag's key behind a colon.
    """
    dimension, _, key = cut.partition(":")
    query = """
        select
            dimension_value, value_kind, is_shared_by_usage,
            sum(billed_cost) as billed_cost, sum(effective_cost) as effective_cost
        from cost_per_dimension_month
        where billing_month = $month and billing_currency = $currency
            and cost_dimension = $dimension and dimension_key = $key
        group by dimension_value, value_kind, is_shared_by_usage
        order by billed_cost desc, value_kind, dimension_value
    """
    return select(
        connection, query, **values_of(selection, dimension=dimension, key=key or dimension)
    )


def unit_kinds(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, bool]]:
    """Return the units that costs are divided by, those of outcomes last."""
    query = "select distinct unit_kind, is_outcome from unit_cost_month order by is_outcome, 1"
    return select(connection, query).rows()


def unit_costs(
    connection: duckdb.DuckDBPyConnection, selection: Selection, *, unit: str
) -> pl.DataFrame:
    """Return one row per month and team: what one unit cost, a rate that is never added."""
    query = f"""
        select
            billing_month, team_id, is_outcome, unit_kind, unit_count, billed_cost, effective_cost,
            billed_cost_per_unit, effective_cost_per_unit, reporting_currency,
            reporting_billed_cost_per_unit
        from unit_cost_month
        where {IN_MONTHS} and billing_currency = $currency and {TEAM} and unit_kind = $unit
        order by billing_month desc, billed_cost_per_unit desc nulls last, team_id
    """
    return select(connection, query, **values_of(selection, unit=unit, shown=MONTHS_SHOWN))


def bridge(connection: duckdb.DuckDBPyConnection, selection: Selection) -> pl.DataFrame:
    """Return one row per effect of the month: of the chosen team, or of all teams together."""
    query = """
        select
            bridge_effect, effect_place, is_change, effect_cost, reporting_currency,
            reporting_effect_cost
        from cost_bridge_month
        where billing_month = $month and billing_currency = $currency
            and bridge_scope = case when $team is null then 'all' else 'team' end
            and ($team is null or team_id = $team)
        order by effect_place
    """
    return select(connection, query, **values_of(selection))


def bridge_per_team(connection: duckdb.DuckDBPyConnection, selection: Selection) -> pl.DataFrame:
    """Return one row per team and effect of the month, of all teams."""
    query = """
        select team_id, bridge_effect, effect_place, effect_cost, reporting_currency,
            reporting_effect_cost
        from cost_bridge_month
        where billing_month = $month and billing_currency = $currency and bridge_scope = 'team'
        order by team_id, effect_place
    """
    return select(connection, query, **values_of(selection))


def fallback_priced(
    connection: duckdb.DuckDBPyConnection, selection: Selection, *, limit: int | None = ROW_LIMIT
) -> pl.DataFrame:
    """Return one row per model and reason of the month whose price is a stand-in, of all teams."""
    query = f"""
        select
            service_provider_name, model_name, service_tier, reason, observed_by, source_name,
            tokens, request_count, estimated_cost, estimated_cost_currency, first_seen_date,
            last_seen_date
        from fallback_priced_usage where usage_month = $month and {PROVIDER}
        order by estimated_cost desc nulls last, service_provider_name, model_name, reason
        limit $row_limit
    """
    return select(connection, query, **values_of(selection, row_limit=limit))
