{{ config(materialized='table') }}

-- A key's usage is its owner's; what a gateway spent on its key is the teams' behind the gateway,
-- in the proportion that the gateway metered on that day for that model, tier and measure, or, on
-- days that the gateway knows nothing of, in that month for the provider.
with usage_days as (

    select
        usage_days.*,
        gateway_credential.credential_id is not null as is_gateway
    from {{ ref('int_provider_usage_day') }} as usage_days
    {{ join_gateway_credential('gateway_credential', 'usage_days.service_provider_name', 'usage_days.credential_id', 'usage_days.usage_date') }}

),

mix as (

    select * from {{ ref('int_gateway_mix') }}

),

month_mix as (

    select
        service_provider_name,
        usage_month,
        team_id,
        cast(sum(quantity) as bigint) as quantity
    from mix
    where measure <> 'requests'
    group by service_provider_name, usage_month, team_id

),

metered_that_day as (

    select
        usage_days.usage_id,
        mix.team_id,
        cast(sum(mix.quantity) as bigint) as weight,
        'gateway_day' as allocation_method
    from usage_days
    inner join mix
        on usage_days.service_provider_name = mix.service_provider_name
        and usage_days.usage_date = mix.usage_date
        and usage_days.ai_model_id = mix.ai_model_id
        and usage_days.service_tier = mix.service_tier
        and usage_days.measure = mix.measure
        -- Most providers do not tell context tiers apart.
        and (usage_days.context_tier_start is null or usage_days.context_tier_start = mix.context_tier_start)
    where usage_days.is_gateway
    group by usage_days.usage_id, mix.team_id

),

metered_that_month as (

    select
        usage_days.usage_id,
        month_mix.team_id,
        month_mix.quantity as weight,
        'gateway_month' as allocation_method
    from usage_days
    anti join metered_that_day
        on usage_days.usage_id = metered_that_day.usage_id
    inner join month_mix
        on usage_days.service_provider_name = month_mix.service_provider_name
        and {{ month_of('usage_days.usage_date') }} = month_mix.usage_month
    where usage_days.is_gateway

),

metered as (

    select * from metered_that_day
    union all
    select * from metered_that_month

),

owned as (

    select
        usage_days.usage_id,
        coalesce(
            credential_owner.team_id,
            sub_account_owner.team_id,
            user_owner.team_id,
            service_provider_owner.team_id,
            'unallocated'
        ) as team_id,
        cast(1 as bigint) as weight,
        case
            when credential_owner.team_id is not null then 'credential'
            when sub_account_owner.team_id is not null then 'sub_account'
            when user_owner.team_id is not null then 'user'
            when service_provider_owner.team_id is not null then 'service_provider'
            else 'unallocated'
        end as allocation_method
    from usage_days
    anti join metered
        on usage_days.usage_id = metered.usage_id
    {{ join_owner('credential_owner', 'credential', 'usage_days.service_provider_name', 'usage_days.credential_id', 'usage_days.usage_date') }}
    {{ join_owner('sub_account_owner', 'sub_account', 'usage_days.service_provider_name', 'usage_days.sub_account_id', 'usage_days.usage_date') }}
    {{ join_owner('user_owner', 'user', 'usage_days.service_provider_name', 'usage_days.user_id', 'usage_days.usage_date') }}
    {{ join_owner('service_provider_owner', 'service_provider', 'usage_days.service_provider_name', 'usage_days.service_provider_name', 'usage_days.usage_date') }}

),

parts as (

    select * from metered
    union all
    select * from owned

),

weighed as (

    select
        parts.*,
        cast(sum(weight) over (partition by usage_id) as bigint) as total_weight,
        row_number() over (partition by usage_id order by weight desc, team_id) as place
    from parts

),

shared as (

    select
        usage_days.*,
        weighed.team_id,
        weighed.allocation_method,
        weighed.place,
        {{ share_of('weighed.weight', 'weighed.total_weight') }} as share
    from usage_days
    inner join weighed
        on usage_days.usage_id = weighed.usage_id

),

rounded as (

    select
        *,
        -- Cut off, so that what the largest share takes on top is never below zero.
        cast({{ whole_part('quantity', 'share') }} as bigint) as own_quantity,
        {{ times_share('estimated_list_cost', 'share') }} as own_list_cost,
        {{ times_share('estimated_contracted_cost', 'share') }} as own_contracted_cost
    from shared

),

final as (

    select
        usage_id,
        service_provider_name,
        billing_account_id,
        usage_date,
        sub_account_id,
        credential_id,
        ai_model_id,
        service_tier,
        context_tier_start,
        measure,
        is_gateway,
        team_id,
        allocation_method,
        cast({{ with_remainder('own_quantity', 'quantity', 'usage_id', 'place') }} as bigint) as quantity,
        {{ with_remainder('own_list_cost', 'estimated_list_cost', 'usage_id', 'place') }} as estimated_list_cost,
        {{ with_remainder('own_contracted_cost', 'estimated_contracted_cost', 'usage_id', 'place') }} as estimated_contracted_cost,
        estimated_cost_currency
    from rounded

)

select * from final
