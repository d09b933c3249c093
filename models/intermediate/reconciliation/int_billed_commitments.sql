-- Commitments as bills tell of them (FOCUS): what was bought, and of each month what was used of it and what
-- was not. What the used part would have cost without it is the bill's own contracted, else list cost.
{% set unused_alone = "count(case when part = 'unused' then 1 end) > 0 and count(case when part = 'used' then 1 end) = 0" %}

with charges as (

    select
        *,
        case
            when charge_category = 'Purchase' then 'bought'
            when lower(commitment_discount_status) = 'used' then 'used'
            when lower(commitment_discount_status) = 'unused' then 'unused'
        end as part
    from {{ ref('int_amortised_charges') }}
    where commitment_discount_id is not null

),

commitments as (

    select
        billing_month,
        service_provider_name,
        billing_account_id,
        commitment_discount_id as commitment_id,
        billing_currency,
        max(commitment_discount_name) as commitment_name,
        lower(max(coalesce(commitment_discount_type, commitment_discount_category))) as commitment_kind,
        max(commitment_discount_unit) as commitment_unit,
        {%- for part in ['bought', 'unused'] %}
        cast(sum(case when part = '{{ part }}' then commitment_discount_quantity end) as decimal(38, 12)) as {{ part }}_quantity,
        {%- endfor %}
        cast(sum(case when part = 'bought' then billed_cost end) as decimal(38, 12)) as bought_cost,
        cast(sum(case when part = 'unused' then effective_cost end) as decimal(38, 12)) as unused_cost,
        -- What is told as unused alone was not used at all.
        {%- for name, amount in {'used_quantity': 'commitment_discount_quantity', 'used_cost': 'effective_cost'}.items() %}
        cast(
            case
                when {{ unused_alone }} then 0
                else sum(case when part = 'used' then {{ amount }} end)
            end as decimal(38, 12)
        ) as {{ name }},
        {%- endfor %}
        -- One unknown price makes the whole unknown.
        cast(
            case
                when {{ unused_alone }} then 0
                when count(case when part = 'used' and coalesce(contracted_cost, list_cost) is null then 1 end) = 0
                    then sum(case when part = 'used' then coalesce(contracted_cost, list_cost) end)
            end as decimal(38, 12)
        ) as on_demand_cost
    from charges
    group by billing_month, service_provider_name, billing_account_id, commitment_discount_id, billing_currency

),

services as (

    select distinct
        billing_month,
        service_provider_name,
        billing_account_id,
        commitment_discount_id as commitment_id,
        billing_currency,
        service_name
    from charges
    where part = 'used'

),

-- Use of the same services that no commitment paid for; a correction is of the past and no use of this month.
beside as (

    select
        services.billing_month,
        services.service_provider_name,
        services.billing_account_id,
        services.commitment_id,
        services.billing_currency,
        cast(sum(coalesce(others.contracted_cost, others.billed_cost)) as decimal(38, 12)) as uncovered_cost
    from services
    inner join {{ ref('int_amortised_charges') }} as others
        on services.billing_month = others.billing_month
        and services.service_provider_name = others.service_provider_name
        and services.billing_account_id = others.billing_account_id
        and services.billing_currency = others.billing_currency
        and services.service_name = others.service_name
    where others.charge_category = 'Usage'
        and others.commitment_discount_id is null
        and others.charge_class is null
    group by
        services.billing_month,
        services.service_provider_name,
        services.billing_account_id,
        services.commitment_id,
        services.billing_currency

),

final as (

    select
        commitments.*,
        coalesce(beside.uncovered_cost, cast(0 as decimal(38, 12))) as uncovered_cost
    from commitments
    left join beside
        on commitments.billing_month = beside.billing_month
        and commitments.service_provider_name = beside.service_provider_name
        and commitments.billing_account_id = beside.billing_account_id
        and commitments.commitment_id = beside.commitment_id
        and commitments.billing_currency = beside.billing_currency

)

select * from final
