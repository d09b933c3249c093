{{ config(materialized='table') }}

-- What a commitment cost and nobody used: of capacity month by month, of credits with their last month. Where nobody counts
-- the use (another unit, or a month without a line of tokens) it is the whole of the month, and no one says that it was not used.
{% set key = ['service_provider_name', 'billing_account_id', 'commitment_id', 'billing_currency'] %}

with costs as (

    select * from {{ ref('int_commitment_costs') }}

),

uses as (

    select
        billing_month,
        {{ key | join(',\n        ') }},
        cast(sum(used_cost) as decimal(38, 12)) as used_cost,
        cast(sum(used_quantity) as decimal(38, 12)) as used_quantity
    from {{ ref('int_commitment_uses') }}
    where commitment_id is not null
    group by billing_month, {{ key | join(', ') }}

),

counted as (

    select
        billing_month,
        service_provider_name,
        billing_account_id,
        max(case when charge_category = 'Usage' and consumed_unit = 'Tokens' then 1 else 0 end) as has_tokens
    from {{ ref('int_billed_charges') }}
    group by billing_month, service_provider_name, billing_account_id

),

summed as (

    select
        costs.*,
        coalesce(uses.used_cost, cast(0 as decimal(38, 12))) as used_cost,
        coalesce(uses.used_quantity, cast(0 as decimal(38, 12))) as used_quantity,
        cast(sum(coalesce(uses.used_cost, 0)) over (partition by costs.pool_id) as decimal(38, 12)) as pool_used_cost,
        case costs.counted_in
            when 'money' then counted.billing_month is not null
            when 'tokens' then coalesce(counted.has_tokens, 0) = 1
            else false
        end as is_counted
    from costs
    left join uses
        on costs.billing_month = uses.billing_month
        and costs.service_provider_name = uses.service_provider_name
        and costs.billing_account_id = uses.billing_account_id
        and costs.commitment_id = uses.commitment_id
        and costs.billing_currency = uses.billing_currency
    left join counted
        on costs.billing_month = counted.billing_month
        and costs.service_provider_name = counted.service_provider_name
        and costs.billing_account_id = counted.billing_account_id

),

left_over as (

    select
        *,
        cast(
            case
                when is_prepaid and is_last_month then bought_until_cost - pool_used_cost
                when is_prepaid then 0
                else month_cost - used_cost
            end as decimal(38, 12)
        ) as rest_cost
    from summed

),

final as (

    select
        billing_month,
        {{ key | join(',\n        ') }},
        commitment_name,
        commitment_kind,
        committed_unit,
        counted_in,
        is_counted or is_prepaid as is_unused,
        case when is_counted and not is_prepaid then cast(committed_quantity - used_quantity as decimal(38, 12)) end as rest_quantity,
        rest_cost,
        first_date,
        load_unit_id,
        source_line,
        _dlt_load_id
    from left_over
    where rest_cost <> 0

)

select * from final
