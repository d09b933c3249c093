"""What stands beside the bill: tokens, reconciliation, bypassed gateways, prices, sources.

Like queries.py: one cursor in, one frame out, sums and filters only, values as parameters.
"""

import duckdb
import polars as pl

from notebooks.lib.queries import COST_FILTER, PROVIDER, select, values_of
from notebooks.lib.selection import Selection

ROW_LIMIT = 5_000
CAUSES = (
    "metered_cost",
    "bypassed_gateway_cost",
    "served_tier_cost",
    "price_book_cost",
    "cache_semantics_cost",
    "duplicate_cost",
    "failed_or_retried_cost",
    "non_token_cost",
    "time_boundary_cost",
    "discount_credit_tax_cost",
    "fx_cost",
    "unexplained_cost",
)


def tokens_per_model(connection: duckdb.DuckDBPyConnection, selection: Selection) -> pl.DataFrame:
    """Return one row per provider, model and observer of the month; tokens are of all teams."""
    query = f"""
        select
            service_provider_name, ai_model_id, max(ai_model_name) as ai_model_name, observed_by,
            cast(sum(total_tokens) as bigint) as total_tokens,
            cast(sum(
                input_uncached_tokens + input_audio_tokens + input_image_tokens + input_video_tokens
            ) as bigint) as input_tokens,
            cast(sum(
                cache_read_tokens + cache_read_audio_tokens + cache_read_image_tokens
            ) as bigint) as cache_read_tokens,
            cast(sum(cache_write_5m_tokens + cache_write_1h_tokens) as bigint)
                as cache_write_tokens,
            cast(sum(
                output_tokens + output_audio_tokens + output_image_tokens + output_video_tokens
            ) as bigint) as output_tokens,
            cast(sum(reasoning_tokens) as bigint) as reasoning_tokens,
            cast(sum(request_count) as bigint) as request_count,
            cast(sum(failed_request_count) as bigint) as failed_request_count,
            sum(case when estimated_cost_currency = $currency then estimated_list_cost end)
                as estimated_list_cost,
        from tokens_per_model_day
        where usage_date >= $month and usage_date < $next_month and {PROVIDER}
        group by service_provider_name, ai_model_id, observed_by
        order by total_tokens desc, service_provider_name, ai_model_id, observed_by
    """
    return select(connection, query, **values_of(selection))


def reconciliation(connection: duckdb.DuckDBPyConnection, selection: Selection) -> pl.DataFrame:
    """Return one row per provider and account: three views of the month's cost, and the causes."""
    causes = ", ".join(f"sum({cause}) as {cause}" for cause in CAUSES)
    query = f"""
        select
            service_provider_name, billing_account_id,
            sum(invoice_cost) as invoice_cost,
            sum(effective_cost) as effective_cost,
            sum(provider_usage_estimated_cost) as provider_usage_estimated_cost,
            sum(metered_estimated_cost) as metered_estimated_cost,
            {causes},
            sum(effective_unexplained_cost) as effective_unexplained_cost,
            cast(count(*) filter (is_billed and reconciliation_status = 'open') as bigint)
                as open_line_count,
            cast(count(*) filter (reconciliation_status = 'signed_off') as bigint)
                as signed_off_line_count,
            cast(sum(provider_usage_tokens) as bigint) as provider_usage_tokens,
            cast(sum(metered_tokens) as bigint) as metered_tokens,
        from invoice_reconciliation_month
        where billing_month = $month and billing_currency = $currency and {PROVIDER}
        group by service_provider_name, billing_account_id
        order by invoice_cost desc nulls last, service_provider_name, billing_account_id
    """
    return select(connection, query, **values_of(selection))


def shadow_total(connection: duckdb.DuckDBPyConnection, selection: Selection) -> pl.DataFrame:
    """Return one row: what was billed in the month and never seen in a gateway."""
    query = f"""
        select sum(billed_cost) as billed_cost, count(*) as row_count
        from shadow_spend_month
        where spend_kind = 'billed' and billing_month = $month and {COST_FILTER}
    """
    return select(connection, query, **values_of(selection))


def shadow_spend(
    connection: duckdb.DuckDBPyConnection, selection: Selection, *, limit: int | None = ROW_LIMIT
) -> pl.DataFrame:
    """Return one row per account, project and key that bypasses the gateway, most costly first."""
    query = f"""
        select
            service_provider_name, billing_account_id, sub_account_id, sub_account_name,
            credential_id, credential_name, credential_status, team_id, team_name, billed_cost,
            request_count, total_tokens, first_seen_date, last_seen_date
        from shadow_spend_month
        where spend_kind = 'billed' and billing_month = $month and {COST_FILTER}
        order by billed_cost desc, service_provider_name, sub_account_id, credential_id
        limit $row_limit
    """
    return select(connection, query, **values_of(selection, row_limit=limit))


def unpriced(
    connection: duckdb.DuckDBPyConnection, selection: Selection, *, limit: int | None = ROW_LIMIT
) -> pl.DataFrame:
    """Return one row per observer, model and token class without a price in the month."""
    query = f"""
        select
            service_provider_name, model_name, token_class, observed_by, source_name, reason,
            tokens, unit_count, request_count, estimated_cost, estimated_cost_currency,
            first_seen_date, last_seen_date
        from unpriced_usage where usage_month = $month and {PROVIDER}
        order by tokens desc nulls last, service_provider_name, model_name, token_class
        limit $row_limit
    """
    return select(connection, query, **values_of(selection, row_limit=limit))


def unpriced_total(connection: duckdb.DuckDBPyConnection, selection: Selection) -> pl.DataFrame:
    """Return one row: the month's tokens without a price, per observer never added together."""
    query = f"""
        select
            cast(sum(case when observed_by <> 'provider' then tokens end) as bigint)
                as metered_tokens,
            cast(sum(case when observed_by = 'provider' then tokens end) as bigint)
                as provider_tokens,
            count(distinct model_name) as model_count,
        from unpriced_usage where usage_month = $month and {PROVIDER}
    """
    return select(connection, query, **values_of(selection))


def freshness(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Return one row per source and table of the lake."""
    query = """
        select
            source_name, table_name, last_load_at, complete_to, load_unit_count, records_read,
            records_loaded, records_quarantined, records_duplicate
        from source_freshness order by source_name, table_name
    """
    return select(connection, query)


def refusals(
    connection: duckdb.DuckDBPyConnection, *, limit: int | None = ROW_LIMIT
) -> pl.DataFrame:
    """Return one row per source, place and reason for which records were refused."""
    query = """
        select source_name, location, reason, max(remedy) as remedy, count(*) as record_count
        from quarantined_records group by source_name, location, reason
        order by record_count desc, source_name, location, reason limit $row_limit
    """
    return select(connection, query, row_limit=limit)
