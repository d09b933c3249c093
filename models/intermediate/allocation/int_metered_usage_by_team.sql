{{ config(materialized='table') }}

{% set dimensions = [
    'usage_date', 'source_name', 'observer_kind', 'service_provider_name', 'ai_model_id', 'service_tier', 'context_tier_start',
    'team_id', 'estimated_cost_currency',
] %}

with owned as (

    select * from {{ ref('int_metered_usage_by_key') }}

),

final as (

    select
        {{ dimensions | join(',\n        ') }},
        {{ sum_metered_columns() }}
    from owned
    group by {{ dimensions | join(', ') }}

)

select * from final
