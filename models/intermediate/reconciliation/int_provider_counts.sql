{{ config(materialized='table') }}

-- The provider's own count of the tokens that the gateways should have seen, and what it comes to: its usage
-- report without the keys that bypass, else the quantities on bills. By day where it counts by day,
-- else by month (`counted_date` is then the month's first day).
with reported as (

    select * from {{ ref('int_reported_lines_day') }}
    where tokens is not null
        and not is_bypassing

),

-- Usage that is billed in another month counts in its own: there it was metered, and is taken off (int_billed_evidence).
billed as (

    select
        case when charge_kind = 'other_month' then usage_month else billing_month end as billing_month,
        {{ line_columns()[1:] | join(',\n        ') }},
        charge_date,
        is_of_a_day,
        tokens,
        billed_cost,
        contracted_cost
    from {{ ref('int_billed_lines') }}
    where charge_kind in ('tokens', 'other_month')
        and tokens is not null

),

reported_months as (

    select distinct service_provider_name, billing_account_id, billing_month
    from {{ ref('int_reported_lines_day') }}
    where tokens is not null

),

billed_grains as (

    select
        billed.service_provider_name,
        billed.billing_account_id,
        billed.billing_month,
        min(case when billed.is_of_a_day then 1 else 0 end) = 1 as is_by_day
    from billed
    anti join reported_months
        on billed.service_provider_name = reported_months.service_provider_name
        and billed.billing_account_id = reported_months.billing_account_id
        and billed.billing_month = reported_months.billing_month
    group by billed.service_provider_name, billed.billing_account_id, billed.billing_month

),

counts as (

    select
        {{ line_columns() | join(',\n        ') }},
        'usage_report' as count_kind,
        true as is_by_day,
        usage_date as counted_date,
        tokens,
        case when not is_billed_elsewhere then estimated_cost end as counted_cost
    from reported
    union all
    select
        {%- for name in line_columns() %}
        billed.{{ name }},
        {%- endfor %}
        'bill' as count_kind,
        billed_grains.is_by_day,
        case when billed_grains.is_by_day then billed.charge_date else billed.billing_month end as counted_date,
        billed.tokens,
        coalesce(billed.contracted_cost, billed.billed_cost) as counted_cost
    from billed
    inner join billed_grains
        on billed.service_provider_name = billed_grains.service_provider_name
        and billed.billing_account_id = billed_grains.billing_account_id
        and billed.billing_month = billed_grains.billing_month

),

final as (

    select
        {{ line_columns() | join(',\n        ') }},
        count_kind,
        is_by_day,
        counted_date,
        cast(sum(tokens) as bigint) as tokens,
        cast(sum(counted_cost) as decimal(38, 12)) as counted_cost
    from counts
    group by
        {{ line_columns() | join(',\n        ') }},
        count_kind,
        is_by_day,
        counted_date

)

select * from final
