{{ config(materialized='table') }}

-- What of its purchases a commitment has to spread in a month. Capacity and committed spend: the month's own part of
-- what was paid, lost where it is not used. Prepaid credits: all that was paid until then, until the last day that they count.
-- Up to the newest month that the account has a bill of.
{% set key = ['service_provider_name', 'billing_account_id', 'commitment_id', 'billing_currency'] %}

with lines as (

    select
        *,
        currency as billing_currency,
        case lower(committed_unit)
            when lower(currency) then 'money'
            when 'tokens' then 'tokens'
        end as counted_in,
        case when ai_model_id is null then 0 else 1 end + case when service_tier is null then 0 else 1 end as names
    from {{ ref('int_commitment_lines') }}

),

bounds as (

    select
        min(billing_month) as first_month,
        max(billing_month) as last_month
    from {{ ref('int_billed_charges') }}

),

days as (

    {{ days_between('(select first_month from bounds)', '(select last_month from bounds)') }}

),

months as (

    select calendar_date as billing_month
    from days
    where extract(day from calendar_date) = 1

),

purchases as (

    select
        {{ key | join(',\n        ') }},
        pool_number,
        start_month,
        month_count,
        cast(sum(billed_cost) as decimal(38, 12)) as paid_cost
    from {{ ref('int_commitment_purchases') }}
    group by {{ key | join(', ') }}, pool_number, start_month, month_count

),

newest as (

    select
        service_provider_name,
        billing_account_id,
        max(billing_month) as newest_month
    from {{ ref('int_billed_charges') }}
    group by service_provider_name, billing_account_id

),

-- Renewed within a month: the later line counts for the whole of it.
dated as (

    select
        months.billing_month,
        lines.*,
        row_number() over (
            partition by
                months.billing_month, lines.service_provider_name, lines.billing_account_id, lines.commitment_id, lines.billing_currency
            order by lines.valid_from desc, lines.source_line desc
        ) as place
    from lines
    inner join months
        on lines.first_month <= months.billing_month
        and lines.last_month >= months.billing_month
    inner join newest
        on lines.service_provider_name = newest.service_provider_name
        and lines.billing_account_id = newest.billing_account_id
        and months.billing_month <= newest.newest_month

),

pooled as (

    select * from dated
    where place = 1

),

matched as (

    select
        pooled.billing_month,
        pooled.pool_number,
        {% for name in key -%}
        pooled.{{ name }},
        {% endfor -%}
        purchases.start_month,
        purchases.month_count,
        purchases.paid_cost,
        {{ month_number('pooled.billing_month') }} - {{ month_number('purchases.start_month') }} as months_before
    from pooled
    inner join purchases
        on pooled.service_provider_name = purchases.service_provider_name
        and pooled.billing_account_id = purchases.billing_account_id
        and pooled.commitment_id = purchases.commitment_id
        and pooled.billing_currency = purchases.billing_currency
        and pooled.pool_number = purchases.pool_number
        and pooled.billing_month >= purchases.start_month

),

-- The part of this month: what is paid up to its end less what is up to its beginning, so that all months are the whole.
parts as (

    select
        *,
        {{ times_share('paid_cost', share_of('months_before + 1', 'month_count')) }}
        - {{ times_share('paid_cost', share_of('months_before', 'month_count')) }} as part_cost
    from matched
    where months_before < month_count

),

paid as (

    select
        billing_month,
        pool_number,
        {{ key | join(',
        ') }},
        cast(sum(part_cost) as decimal(38, 12)) as month_cost,
        cast(sum(case when months_before = 0 then paid_cost else 0 end) as decimal(38, 12)) as bought_cost
    from parts
    group by billing_month, pool_number, {{ key | join(', ') }}

),

summed as (

    select
        pooled.*,
        pooled.counted_in is not null and pooled.commitment_kind = 'prepaid_credit' as is_prepaid,
        coalesce(paid.month_cost, cast(0 as decimal(38, 12))) as month_cost,
        cast(
            sum(coalesce(paid.bought_cost, 0)) over (
                partition by
                    pooled.service_provider_name, pooled.billing_account_id, pooled.commitment_id, pooled.billing_currency, pooled.pool_number
                order by pooled.billing_month
                rows between unbounded preceding and current row
            ) as decimal(38, 12)
        ) as bought_until_cost
    from pooled
    left join paid
        on pooled.billing_month = paid.billing_month
        and pooled.pool_number = paid.pool_number
        and pooled.service_provider_name = paid.service_provider_name
        and pooled.billing_account_id = paid.billing_account_id
        and pooled.commitment_id = paid.commitment_id
        and pooled.billing_currency = paid.billing_currency

),

ranked as (

    select
        *,
        -- What is given back later was never there to be used.
        cast({{ not_below_zero(
            'min(bought_until_cost) over (partition by ' ~ (key | join(', ')) ~ ', pool_number order by billing_month '
            ~ 'rows between current row and unbounded following)'
        ) }} as decimal(38, 12)) as available_cost,
        billing_month = pool_last_month as is_last_month,
        max(names) over (partition by {{ key | join(', ') }}) as most_names,
        min(valid_from) over (partition by {{ key | join(', ') }}) as first_valid_from
    from summed

),

final as (

    select
        billing_month,
        {{ key | join(',\n        ') }},
        md5(concat_ws('|', {{ key | join(', ') }}, cast(pool_number as {{ dbt.type_string() }}))) as pool_id,
        commitment_name,
        commitment_kind,
        committed_unit,
        counted_in,
        is_prepaid,
        ai_model_id,
        service_tier,
        committed_quantity,
        -- Digits as many as 38 hold: see share_of.
        case
            when not is_prepaid then null
            when monthly_cost < 100000000 then {{ share_of('monthly_cost', 'committed_quantity', 12) }}
            else {{ share_of('monthly_cost', 'committed_quantity', 4) }}
        end as unit_cost,
        month_cost,
        bought_until_cost,
        available_cost,
        is_last_month,
        greatest(billing_month, valid_from) as first_date,
        -- Of commitments that share a use each takes what those before it left: the narrower first, then the older.
        dense_rank() over (
            partition by service_provider_name, billing_account_id
            order by most_names desc, first_valid_from, commitment_id, billing_currency
        ) as draw_place,
        load_unit_id,
        source_line,
        _dlt_load_id
    from ranked

)

select * from final
