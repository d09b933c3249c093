{{ config(materialized='table') }}

-- By month, for what it is asked: bills are as often of a month as of a day.
{% set callers = ['team_id', 'service_provider_name', 'ai_model_id', 'user_id', 'agent_id', 'end_user_id', 'request_tags'] %}

with caller_usage as (

    select * from {{ ref('int_caller_usage_by_team') }}

),

final as (

    select
        {{ month_of('usage_date') }} as usage_month,
        {{ callers | join(',\n        ') }},
        {{ sum_token_columns() }}
    from caller_usage
    group by {{ month_of('usage_date') }}, {{ callers | join(', ') }}

)

select * from final
