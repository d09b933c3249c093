{{ config(materialized='table') }}

-- Purchases on bills that commitments.csv names (purchased_as) and whose bill does not spread them over their use itself:
-- the line that each pays for, and the months. What a month bills together pays for as many months as monthly_cost goes
-- into it, from the month that bills it on, and for none before or behind the line.
{% set key = ['service_provider_name', 'billing_account_id', 'commitment_id', 'billing_currency'] %}

with lines as (

    select
        *,
        currency as billing_currency
    from {{ ref('int_commitment_lines') }}

),

charges as (

    select * from {{ ref('int_billed_charges') }}

),

-- A bill that tells what of a commitment was used spreads it itself.
told as (

    select distinct
        service_provider_name,
        billing_account_id,
        commitment_discount_id
    from charges
    where commitment_discount_id is not null
        and lower(commitment_discount_status) in ('used', 'unused')

),

bought as (

    select charges.*
    from charges
    anti join told
        on charges.service_provider_name = told.service_provider_name
        and charges.billing_account_id = told.billing_account_id
        and charges.commitment_discount_id = told.commitment_discount_id
    where charges.charge_category = 'Purchase'
        and charges.effective_cost = charges.billed_cost

),

-- Of several lines that name it the one in force, the later where one is renewed; else the next, else the last.
matched as (

    select
        bought.charge_id,
        bought.billing_month,
        bought.billed_cost,
        {% for name in key %}lines.{{ name }}, {% endfor %}
        lines.monthly_cost,
        lines.commitment_name,
        lines.commitment_kind,
        lines.committed_unit,
        lines.pool_number,
        lines.pool_last_month,
        lines.last_month,
        least(greatest(bought.billing_month, lines.first_month), lines.last_month) as start_month,
        row_number() over (
            partition by bought.charge_id
            order by
                case
                    when bought.billing_month < lines.first_month then 1
                    when bought.billing_month > lines.last_month then 2
                    else 0
                end,
                case when bought.billing_month < lines.first_month then lines.first_month end,
                lines.valid_from desc,
                lines.commitment_id,
                lines.source_line
        ) as place
    from bought
    inner join lines
        on bought.service_provider_name = lines.service_provider_name
        and bought.billing_account_id = lines.billing_account_id
        and bought.billing_currency = lines.billing_currency
        and lines.purchased_as in (bought.invoice_id, bought.service_name, bought.sku_id, bought.commitment_discount_id)

),

paid as (

    select
        *,
        {{ month_number('last_month') }} - {{ month_number('start_month') }} + 1 as months_left,
        sum(billed_cost) over (partition by {{ key | join(', ') }}, billing_month, last_month) as batch_cost
    from matched
    where place = 1

),

final as (

    select
        charge_id,
        {{ key | join(',\n        ') }},
        commitment_name,
        commitment_kind,
        committed_unit,
        pool_number,
        pool_last_month,
        billing_month,
        start_month,
        billed_cost,
        -- A number of months, no money.
        cast(
            least(months_left, greatest(1, floor(cast(batch_cost as double) / nullif(cast(monthly_cost as double), 0) + 0.5)))
            as bigint
        ) as month_count
    from paid

)

select * from final
