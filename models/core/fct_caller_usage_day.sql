-- depends_on: {{ ref('int_touched_dates') }}
{{ config(
    materialized='incremental',
    incremental_strategy='whole_days',
) }}

{% set dimensions = [
    'usage_date', 'gateway_name', 'service_provider_name', 'ai_model_id', 'credential_id', 'gateway_team_id', 'user_id', 'agent_id',
    'end_user_id', 'request_tags',
] %}

-- Rebuilt for the days that fct_requests rewrote. What a gateway's own cache answered is left out: no provider saw it.
with requests as (

    select * from {{ ref('fct_requests') }}
    {% if is_incremental() %}
    where usage_date in (select usage_date from {{ ref('int_touched_dates') }})
        and usage_date >= (select min(usage_date) from {{ ref('int_touched_dates') }})
    {% endif %}

),

final as (

    select
        {{ dimensions | join(',\n        ') }},
        {{ sum_token_columns() }},
        cast(sum(total_tokens) as bigint) as total_tokens,
        cast(count(*) as bigint) as request_count
    from requests
    where not is_cache_hit
    group by {{ dimensions | join(', ') }}

)

select * from final
