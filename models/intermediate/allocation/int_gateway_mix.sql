{{ config(materialized='table') }}

-- The same, long: a row a measure, which is a token class as it is billed (billed_class) or
-- `requests` (successful ones).
with gateway_usage as (

    select * from {{ ref('int_metered_usage_by_team') }}
    where observer_kind = 'gateway'

),

measured as (

    {% for token_class in token_classes() %}
    select
        usage_date, service_provider_name, ai_model_id, service_tier, context_tier_start, team_id,
        {{ billed_class("'" ~ token_class ~ "'") }} as measure,
        {{ token_class }}_tokens as quantity
    from gateway_usage
    where {{ token_class }}_tokens > 0
    union all
    {% endfor %}
    select
        usage_date, service_provider_name, ai_model_id, service_tier, context_tier_start, team_id,
        'requests' as measure,
        request_count - failed_request_count as quantity
    from gateway_usage
    where request_count > failed_request_count

),

final as (

    select
        usage_date,
        {{ month_of('usage_date') }} as usage_month,
        service_provider_name,
        ai_model_id,
        service_tier,
        context_tier_start,
        team_id,
        measure,
        cast(sum(quantity) as bigint) as quantity
    from measured
    group by
        usage_date, service_provider_name, ai_model_id, service_tier, context_tier_start, team_id, measure

)

select * from final
