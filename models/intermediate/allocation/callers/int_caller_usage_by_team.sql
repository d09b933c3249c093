{{ config(materialized='view') }}

-- For whom was called, with the team that the key belonged to on that day: the same owners as int_metered_usage_by_team's.
{% set callers = ['usage_date', 'service_provider_name', 'ai_model_id', 'user_id', 'agent_id', 'end_user_id', 'request_tags'] %}

with caller_days as (

    select * from {{ ref('fct_caller_usage_day') }}

),

teams as (

    select distinct team_id
    from {{ ref('dim_teams') }}
    where is_registered

),

owned as (

    select
        caller_days.*,
        coalesce(
            credential_owner.team_id,
            user_owner.team_id,
            gateway_team_owner.team_id,
            teams.team_id,
            'unallocated'
        ) as team_id
    from caller_days
    {{ join_owner('credential_owner', 'credential', 'caller_days.gateway_name', 'caller_days.credential_id', 'caller_days.usage_date') }}
    {{ join_owner('user_owner', 'user', 'caller_days.gateway_name', 'caller_days.user_id', 'caller_days.usage_date') }}
    {{ join_owner('gateway_team_owner', 'gateway_team', 'caller_days.gateway_name', 'caller_days.gateway_team_id', 'caller_days.usage_date') }}
    left join teams
        on caller_days.gateway_team_id = teams.team_id

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
