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

    select * from {{ ref('fct_requests') }} as calls
    where {{ metered_calls('calls', is_incremental()) }}

),

-- A source that gives each call a tag of its own would make as many rows as calls. Numbers, not texts: docs/decisions/memory.md.
tag_hashes as (

    select
        usage_date,
        {{ hash_of(['gateway_name']) }} as gateway_hash,
        {{ hash_of(['request_tags']) }} as tags_hash
    from {{ ref('fct_requests') }} as calls
    where request_tags is not null
        and {{ metered_calls('calls', is_incremental()) }}
    group by usage_date, {{ hash_of(['gateway_name']) }}, {{ hash_of(['request_tags']) }}

),

crowded_days as (

    select
        usage_date,
        gateway_hash
    from tag_hashes
    group by usage_date, gateway_hash
    having count(*) > {{ var('most_tag_texts') }}

),

bounded as (

    select
        requests.usage_date,
        requests.gateway_name,
        requests.service_provider_name,
        requests.ai_model_id,
        requests.credential_id,
        requests.gateway_team_id,
        requests.user_id,
        requests.agent_id,
        requests.end_user_id,
        case
            when requests.request_tags is not null and crowded_days.usage_date is not null then '["too many values"]'
            else requests.request_tags
        end as request_tags,
        {{ token_columns('requests.') }},
        requests.total_tokens
    from requests
    left join crowded_days
        on requests.usage_date = crowded_days.usage_date
        and {{ hash_of(['requests.gateway_name']) }} = crowded_days.gateway_hash

),

final as (

    select
        {{ dimensions | join(',\n        ') }},
        {{ sum_token_columns() }},
        cast(sum(total_tokens) as bigint) as total_tokens,
        cast(count(*) as bigint) as request_count
    from bounded
    group by {{ dimensions | join(', ') }}

)

select * from final
