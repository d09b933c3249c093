{{ config(materialized='table') }}

-- What a line bought: the bill's own quantity, where each of its lines states one; else the usage behind it. Where bill and
-- usage name other tiers or contexts, those are not told apart.
{% set keys = [
    'billing_month', 'team_id', 'service_provider_name', 'billing_account_id', 'ai_model_id', 'billed_unit', 'token_class',
    'billing_currency',
] %}
{% set leaves = [
    'billing_month', 'team_id', 'service_provider_name', 'ai_model_id', 'billed_unit', 'token_class', 'service_tier',
    'context_tier_start', 'is_one_off', 'billing_currency',
] %}

with bridge_lines as (

    select * from {{ ref('int_bridge_lines') }}

),

usage_tiers as (

    select * from {{ ref('int_bridge_usage') }}

),

usage_classes as (

    select
        usage_month,
        team_id,
        service_provider_name,
        billing_account_id,
        ai_model_id,
        token_class,
        cast(sum(quantity) as decimal(38, 12)) as quantity,
        count(*) as tier_count
    from usage_tiers
    group by usage_month, team_id, service_provider_name, billing_account_id, ai_model_id, token_class

),

looked_up as (

    select
        bridge_lines.*,
        usage_tiers.quantity as tier_quantity,
        usage_classes.quantity as class_quantity,
        usage_classes.tier_count
    from bridge_lines
    left join usage_tiers
        on bridge_lines.billed_unit = 'Tokens'
        and bridge_lines.billing_month = usage_tiers.usage_month
        and bridge_lines.team_id = usage_tiers.team_id
        and bridge_lines.service_provider_name = usage_tiers.service_provider_name
        and bridge_lines.billing_account_id = usage_tiers.billing_account_id
        and bridge_lines.ai_model_id = usage_tiers.ai_model_id
        and bridge_lines.token_class = usage_tiers.token_class
        and bridge_lines.service_tier = usage_tiers.service_tier
        and bridge_lines.context_tier_start = usage_tiers.context_tier_start
    left join usage_classes
        on bridge_lines.billed_unit = 'Tokens'
        and bridge_lines.billing_month = usage_classes.usage_month
        and bridge_lines.team_id = usage_classes.team_id
        and bridge_lines.service_provider_name = usage_classes.service_provider_name
        and bridge_lines.billing_account_id = usage_classes.billing_account_id
        and bridge_lines.ai_model_id = usage_classes.ai_model_id
        and bridge_lines.token_class = usage_classes.token_class

),

counted as (

    select
        *,
        sum(unstated_count) over (
            partition by
                {{ (keys + ['is_one_off']) | join(',\n                ') }}
        ) as key_unstated_count,
        count(*) over (
            partition by
                {{ (keys + ['is_one_off']) | join(',\n                ') }}
        ) as billed_tier_count,
        count(tier_quantity) over (
            partition by
                {{ (keys + ['is_one_off']) | join(',\n                ') }}
        ) as found_tier_count
    from looked_up

),

weighed as (

    select
        *,
        case
            when is_one_off then 'none'
            when key_unstated_count = 0 then 'bill'
            when billed_tier_count = found_tier_count and found_tier_count = tier_count then 'usage'
            when class_quantity is not null then 'usage_any_tier'
            else 'none'
        end as quantity_source
    from counted

),

-- A class whose tiers are not told apart takes its usage once.
told as (

    select
        {{ keys | join(',\n        ') }},
        case when quantity_source in ('bill', 'usage') then service_tier else 'any' end as service_tier,
        case when quantity_source in ('bill', 'usage') then context_tier_start else 0 end as context_tier_start,
        is_one_off,
        cast(sum(billed_cost) as decimal(38, 12)) as billed_cost,
        case max(quantity_source)
            when 'bill' then sum(stated_quantity)
            when 'usage' then sum(tier_quantity)
            when 'usage_any_tier' then max(class_quantity)
        end as quantity
    from weighed
    group by
        {{ keys | join(',\n        ') }},
        case when quantity_source in ('bill', 'usage') then service_tier else 'any' end,
        case when quantity_source in ('bill', 'usage') then context_tier_start else 0 end,
        is_one_off

),

final as (

    select
        {{ leaves | join(',\n        ') }},
        cast(sum(billed_cost) as decimal(38, 12)) as billed_cost,
        cast(case when count(*) = count(quantity) then sum(quantity) end as decimal(38, 12)) as quantity
    from told
    group by
        {{ leaves | join(',\n        ') }}

)

select * from final
