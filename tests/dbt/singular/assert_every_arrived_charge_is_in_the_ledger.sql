-- Per unit and currency that arrived: what its newest load says and is not quarantined is what the
-- ledger has, in rows and money.
with arrived as (

    select
        charges.source_name,
        charges.load_unit_id,
        charges.billing_currency,
        count(*) as charge_count,
        sum(charges.billed_cost) as billed_cost
    from {{ ref('int_charges_unioned') }} as charges
    inner join {{ ref('int_units_arrived') }} as units
        on charges.source_name = units.source_name
        and charges.load_unit_id = units.load_unit_id
        and charges._dlt_load_id = units.newest_load_id
    where charges.quarantine_reason is null
    group by charges.source_name, charges.load_unit_id, charges.billing_currency

),

ledger as (

    select
        charges.source_name,
        charges.load_unit_id,
        charges.billing_currency,
        count(*) as charge_count,
        sum(charges.billed_cost) as billed_cost
    from {{ ref('int_billed_charges') }} as charges
    semi join {{ ref('int_units_arrived') }} as units
        on charges.source_name = units.source_name
        and charges.load_unit_id = units.load_unit_id
    group by charges.source_name, charges.load_unit_id, charges.billing_currency

)

select
    coalesce(arrived.load_unit_id, ledger.load_unit_id) as load_unit_id,
    coalesce(arrived.billing_currency, ledger.billing_currency) as billing_currency,
    arrived.charge_count,
    ledger.charge_count as ledger_charge_count,
    arrived.billed_cost,
    ledger.billed_cost as ledger_billed_cost
from arrived
full outer join ledger
    on arrived.source_name = ledger.source_name
    and arrived.load_unit_id = ledger.load_unit_id
    and arrived.billing_currency = ledger.billing_currency
where arrived.charge_count is distinct from ledger.charge_count
    or arrived.billed_cost is distinct from ledger.billed_cost
