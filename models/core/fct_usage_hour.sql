-- depends_on: {{ ref('int_touched_dates') }}
{{ config(
    materialized='incremental',
    incremental_strategy='whole_days',
) }}

{% set dimensions = [
    'usage_date', 'source_name', 'observer_kind', 'gateway_name', 'service_provider_name', 'model_name', 'ai_model_id', 'service_tier',
    'context_tier_start', 'credential_id', 'gateway_team_id', 'user_id', 'agent_id', 'is_cache_hit',
    'price_id', 'price_match', 'is_price_disputed', 'estimated_cost_currency',
] %}

-- Rebuilt for the days that fct_requests rewrote.
with requests as (

    select * from {{ ref('fct_requests') }}
    {% if is_incremental() %}
    where usage_date in (select usage_date from {{ ref('int_touched_dates') }})
        and usage_date >= (select min(usage_date) from {{ ref('int_touched_dates') }})
    {% endif %}

),

final as (

    select
        cast(date_trunc('hour', started_at) as timestamp) as usage_hour,
        {{ dimensions | join(',\n        ') }},
        max(credential_name) as credential_name,
        min(load_unit_id) as first_load_unit_id,
        {{ sum_token_columns() }},
        cast(sum(total_tokens) as bigint) as total_tokens,
        {%- for unit, type in request_unit_types().items() %}
        cast(sum({{ unit }}_count) as {{ type }}) as {{ unit }}_count,
        {%- endfor %}
        cast(count(*) as bigint) as request_count,
        cast(sum(case when request_status = 'failure' then 1 else 0 end) as bigint) as failed_request_count,
        cast(sum(estimated_list_cost) as decimal(38, 12)) as estimated_list_cost,
        cast(sum(estimated_contracted_cost) as decimal(38, 12)) as estimated_contracted_cost,
        cast(sum(unpriced_tokens) as bigint) as unpriced_tokens,
        cast(sum(case when unpriced_tokens > 0 then 1 else 0 end) as bigint) as unpriced_request_count,
        cast(sum(reported_cost) as decimal(38, 12)) as reported_cost
    from requests
    group by
        cast(date_trunc('hour', started_at) as timestamp),
        {{ dimensions | join(',\n        ') }}

)

select * from final
