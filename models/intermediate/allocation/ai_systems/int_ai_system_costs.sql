-- What a system's own keys, projects and tags say, and its part of what only its calls tell apart.
with costs as (

    select
        billing_month,
        billing_currency,
        ai_system_id,
        0 as is_shared,
        billed_cost,
        effective_cost,
        reporting_billed_cost
    from {{ ref('int_ai_system_charges') }}
    union all
    select
        billing_month,
        billing_currency,
        ai_system_id,
        1 as is_shared,
        billed_cost,
        effective_cost,
        reporting_billed_cost
    from {{ ref('int_ai_system_shared_costs') }}

),

final as (

    select
        billing_month,
        billing_currency,
        ai_system_id,
        max(is_shared) = 1 as is_shared_by_usage,
        cast(sum(billed_cost) as decimal(38, 12)) as billed_cost,
        cast(sum(effective_cost) as decimal(38, 12)) as effective_cost,
        {{ sum_of_known('reporting_billed_cost', 'billed_cost') }} as reporting_billed_cost
    from costs
    group by billing_month, billing_currency, ai_system_id

)

select * from final
