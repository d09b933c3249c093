-- Whatever was closed: what the ledger holds of a month, with the adjustments that later months have of it, is what
-- the bills of that month say now.
with ledger as (

    select
        service_provider_name,
        billing_account_id,
        origin_billing_month as billing_month,
        billing_currency,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost,
        sum(consumed_quantity) as consumed_quantity
    from {{ ref('fct_allocated_charges') }}
    group by service_provider_name, billing_account_id, origin_billing_month, billing_currency

),

bills as (

    select
        service_provider_name,
        billing_account_id,
        billing_month,
        billing_currency,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost,
        sum(consumed_quantity) as consumed_quantity
    from {{ ref('int_amortised_charges') }}
    group by service_provider_name, billing_account_id, billing_month, billing_currency

)

select
    coalesce(ledger.billing_month, bills.billing_month) as billing_month,
    coalesce(ledger.service_provider_name, bills.service_provider_name) as service_provider_name,
    ledger.billed_cost as ledger_cost,
    bills.billed_cost
from ledger
full outer join bills
    on ledger.service_provider_name = bills.service_provider_name
    and ledger.billing_account_id = bills.billing_account_id
    and ledger.billing_month = bills.billing_month
    and ledger.billing_currency = bills.billing_currency
where coalesce(ledger.billed_cost, 0) <> coalesce(bills.billed_cost, 0)
    or coalesce(ledger.effective_cost, 0) <> coalesce(bills.effective_cost, 0)
    or coalesce(ledger.consumed_quantity, 0) <> coalesce(bills.consumed_quantity, 0)
