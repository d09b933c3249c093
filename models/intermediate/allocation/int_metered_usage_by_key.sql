-- What was metered on the way, a day, with the team that the key belonged to on that day. What a
-- gateway's own cache answered is left out: no provider saw it.
{% set dimensions = [
    'usage_date', 'source_name', 'observer_kind', 'gateway_name', 'service_provider_name', 'ai_model_id', 'service_tier',
    'context_tier_start', 'credential_id', 'gateway_team_id', 'user_id', 'estimated_cost_currency',
] %}

with usage_hours as (

    select * from {{ ref('fct_usage_hour') }}
    where not is_cache_hit

),

usage_days as (

    select
        {{ dimensions | join(',\n        ') }},
        {{ sum_metered_columns() }}
    from usage_hours
    group by {{ dimensions | join(', ') }}

),

final as (

    select
        usage_days.*,
        {{ calling_team() }} as team_id
    from usage_days
    {{ join_calling_team('usage_days') }}

)

select * from final
