-- A bill speaks for its days as far as the table that it came in is complete. Of several tables that bill one
-- account the one that reaches furthest counts: a register that was typed off once does not hold up the others.
with charge_units as (

    select distinct
        source_name,
        load_unit_id,
        service_provider_name,
        billing_account_id
    from {{ ref('int_billed_charges') }}

),

unit_tables as (

    select distinct
        source_name,
        load_unit_id,
        table_name
    from {{ ref('load_unit_accounts') }}

),

freshness as (

    select * from {{ ref('source_freshness') }}

),

final as (

    select
        charge_units.service_provider_name,
        charge_units.billing_account_id,
        max(cast(freshness.complete_to as date)) as bill_complete_to
    from charge_units
    inner join unit_tables
        on charge_units.source_name = unit_tables.source_name
        and charge_units.load_unit_id = unit_tables.load_unit_id
    inner join freshness
        on unit_tables.source_name = freshness.source_name
        and unit_tables.table_name = freshness.table_name
    group by charge_units.service_provider_name, charge_units.billing_account_id

)

select * from final
