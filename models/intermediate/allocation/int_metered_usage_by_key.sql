-- What was metered on the way, a day, with the team that the key belonged to on that day. What a
-- gateway's own cache answered is left out: no provider saw it.
with usage_hours as (

    select * from {{ ref('fct_usage_hour') }}
    where not is_cache_hit

),

teams as (

    select distinct team_id
    from {{ ref('dim_teams') }}
    where is_registered

),

usage_days as (

    select
        usage_date,
        source_name,
        observer_kind,
        gateway_name,
        service_provider_name,
        ai_model_id,
        service_tier,
        context_tier_start,
        credential_id,
        gateway_team_id,
        user_id,
        {{ sum_token_columns() }},
        cast(sum(request_count) as bigint) as request_count,
        cast(sum(failed_request_count) as bigint) as failed_request_count,
        cast(sum(estimated_list_cost) as decimal(38, 12)) as estimated_list_cost,
        cast(sum(estimated_contracted_cost) as decimal(38, 12)) as estimated_contracted_cost,
        estimated_cost_currency
    from usage_hours
    group by
        usage_date,
        source_name,
        observer_kind,
        gateway_name,
        service_provider_name,
        ai_model_id,
        service_tier,
        context_tier_start,
        credential_id,
        gateway_team_id,
        user_id,
        estimated_cost_currency

),

final as (

    select
        usage_days.*,
        coalesce(
            credential_owner.team_id,
            user_owner.team_id,
            gateway_team_owner.team_id,
            teams.team_id,
            'unallocated'
        ) as team_id
    from usage_days
    {{ join_owner('credential_owner', 'credential', 'usage_days.gateway_name', 'usage_days.credential_id', 'usage_days.usage_date') }}
    {{ join_owner('user_owner', 'user', 'usage_days.gateway_name', 'usage_days.user_id', 'usage_days.usage_date') }}
    {{ join_owner('gateway_team_owner', 'gateway_team', 'usage_days.gateway_name', 'usage_days.gateway_team_id', 'usage_days.usage_date') }}
    left join teams
        on usage_days.gateway_team_id = teams.team_id

)

select * from final
