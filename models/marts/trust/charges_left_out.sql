-- What the newest delivery of each bill holds beside the charges that are in the ledger.
with left_out as (

    select * from {{ ref('int_charges_left_out_unioned') }}

),

newest as (

    select
        source_name,
        load_unit_id,
        max(_dlt_load_id) as _dlt_load_id
    from {{ ref('stg_lake__load_units') }}
    group by source_name, load_unit_id

),

final as (

    select
        left_out.source_name,
        left_out.service_provider_name,
        left_out.billing_account_id,
        {{ month_of('left_out.billing_period_start') }} as billing_month,
        coalesce(left_out.service_name, 'unknown') as service_name,
        left_out.charge_kind,
        left_out.billing_currency,
        cast(sum(left_out.charge_count) as bigint) as charge_count,
        cast(sum(left_out.billed_cost) as decimal(38, 12)) as billed_cost
    from left_out
    inner join newest
        on left_out.source_name = newest.source_name
        and left_out.load_unit_id = newest.load_unit_id
        and left_out._dlt_load_id = newest._dlt_load_id
    group by
        left_out.source_name,
        left_out.service_provider_name,
        left_out.billing_account_id,
        {{ month_of('left_out.billing_period_start') }},
        coalesce(left_out.service_name, 'unknown'),
        left_out.charge_kind,
        left_out.billing_currency

)

select * from final
