{{ config(materialized='view') }}

-- For whom was called, with the team that the key belonged to on that day: the same owners as int_metered_usage_by_team's.
{% set callers = ['usage_date', 'service_provider_name', 'ai_model_id', 'user_id', 'agent_id', 'end_user_id', 'request_tags'] %}

with caller_days as (

    select * from {{ ref('fct_caller_usage_day') }}

),

owned as (

    select
        caller_days.*,
        {{ calling_team() }} as team_id
    from caller_days
    {{ join_calling_team('caller_days') }}

),

final as (

    select
        team_id,
        {{ callers | join(',\n        ') }},
        {{ sum_token_columns() }},
        cast(sum(request_count) as bigint) as request_count
    from owned
    group by team_id, {{ callers | join(', ') }}

)

select * from final
