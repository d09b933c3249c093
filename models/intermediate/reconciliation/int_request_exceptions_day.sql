-- depends_on: {{ ref('int_touched_dates') }}
{{ config(
    materialized='incremental',
    incremental_strategy='whole_days',
) }}

{% set dimensions = [
    'usage_date', 'exception_kind', 'source_name', 'observer_kind', 'service_provider_name', 'model_name', 'ai_model_id',
    'service_tier', 'price_id',
] %}
{% set id_hash = hash_of(['requests.source_name', 'requests.provider_request_id']) %}

-- Of what counts as metered, what a bill may not hold, or not in that month. Each call stands under one kind:
-- the surest evidence first. What is asked of all calls reads them again (docs/decisions/memory.md).

-- One answer of the provider under two names: a span inside of a span, a call logged twice. Where the
-- source names a call as the provider does, that stood once already.
with alike as (

    select requests.usage_date, {{ id_hash }} as id_hash
    from {{ ref('fct_requests') }} as requests
    where {{ metered_calls('requests', is_incremental()) }}
        and requests.provider_request_id <> requests.request_id
    group by requests.usage_date, {{ id_hash }}
    having count(*) > 1

),

ranked as (

    select
        requests.usage_date,
        requests.source_name,
        requests.request_id,
        row_number() over (
            partition by requests.usage_date, requests.source_name, requests.provider_request_id
            order by requests.request_status desc, requests.total_tokens desc, requests.started_at, requests.request_id
        ) as place
    from {{ ref('fct_requests') }} as requests
    inner join alike
        on requests.usage_date = alike.usage_date
        and {{ id_hash }} = alike.id_hash
    where {{ metered_calls('requests', is_incremental()) }}
        and requests.provider_request_id <> requests.request_id

),

repeated as (

    select * from ranked
    where place > 1

),

sorted as (

    select
        requests.*,
        case
            when repeated.request_id is not null then 'duplicate'
            when requests.request_status = 'failure' then 'failed'
            else 'across_months'
        end as exception_kind
    from {{ ref('fct_requests') }} as requests
    left join repeated
        on requests.usage_date = repeated.usage_date
        and requests.source_name = repeated.source_name
        and requests.request_id = repeated.request_id
    where {{ metered_calls('requests', is_incremental()) }}
        and (
            repeated.request_id is not null
            or requests.request_status = 'failure'
            or {{ month_of('requests.ended_at') }} > {{ month_of('requests.started_at') }}
        )

),

final as (

    select
        {{ dimensions | join(',\n        ') }},
        {{ sum_token_columns() }},
        cast(count(*) as bigint) as request_count,
        cast(sum(case when total_tokens = 0 then 1 else 0 end) as bigint) as tokenless_request_count,
        min(load_unit_id) as first_load_unit_id
    from sorted
    group by
        {{ dimensions | join(',\n        ') }}

)

select * from final
