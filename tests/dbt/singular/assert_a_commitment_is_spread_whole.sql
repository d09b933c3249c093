-- What was paid for in advance is what was used of it and what was not, to the last digit, where all the months that it pays
-- for have a bill behind them.
with bought as (

    select
        service_provider_name,
        billing_account_id,
        commitment_id,
        billing_currency,
        sum(billed_cost) as bought_cost,
        max(case
            when commitment_kind = 'prepaid_credit' and lower(committed_unit) in ('tokens', lower(billing_currency))
                then {{ month_number('pool_last_month') }}
            else {{ month_number('start_month') }} + month_count - 1
        end) as last_paid_month
    from {{ ref('int_commitment_purchases') }}
    group by service_provider_name, billing_account_id, commitment_id, billing_currency

),

newest as (

    select
        service_provider_name,
        billing_account_id,
        max({{ month_number('billing_month') }}) as newest_month
    from {{ ref('int_billed_charges') }}
    group by service_provider_name, billing_account_id

),

spread as (

    select
        service_provider_name,
        billing_account_id,
        commitment_discount_id as commitment_id,
        billing_currency,
        sum(effective_cost) as spread_cost
    from {{ ref('int_amortised_charges') }}
    where commitment_discount_id is not null
    group by service_provider_name, billing_account_id, commitment_discount_id, billing_currency

)

select
    bought.service_provider_name,
    bought.billing_account_id,
    bought.commitment_id,
    bought.billing_currency,
    bought.bought_cost,
    spread.spread_cost
from bought
inner join newest
    on bought.service_provider_name = newest.service_provider_name
    and bought.billing_account_id = newest.billing_account_id
left join spread
    on bought.service_provider_name = spread.service_provider_name
    and bought.billing_account_id = spread.billing_account_id
    and bought.commitment_id = spread.commitment_id
    and bought.billing_currency = spread.billing_currency
where bought.last_paid_month <= newest.newest_month
    and bought.bought_cost <> coalesce(spread.spread_cost, 0)
