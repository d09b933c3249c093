-- What is refused as things stand: a unit that was delivered again speaks for its newest delivery.
with door as (

    select * from {{ ref('stg_lake__quarantine') }}

),

refused as (

    select * from {{ ref('int_records_refused') }}

),

load_units as (

    select * from {{ ref('stg_lake__load_units') }}

),

newest as (

    select
        source_name,
        load_unit_id,
        max(_dlt_load_id) as _dlt_load_id,
        max(location) as location,
        max(pulled_at) as pulled_at
    from load_units
    group by source_name, load_unit_id

),

unioned as (

    select
        source_name,
        load_unit_id,
        _dlt_load_id,
        source_line,
        reason,
        remedy
    from door
    union all
    select
        source_name,
        load_unit_id,
        _dlt_load_id,
        source_line,
        reason,
        case reason
            when 'token_identity' then 'The token counts contradict each other: mend the writer of the record.'
            when 'unknown_charge_category'
                then 'ChargeCategory is none of Usage, Purchase, Tax, Credit and Adjustment: correct it in the bill.'
            when 'unknown_currency'
                then 'BillingCurrency is no code of three letters such as USD: correct it in the bill.'
            when 'bad_billing_period'
                then 'BillingPeriodEnd must be after BillingPeriodStart, since ends are exclusive: correct it in the bill.'
            when 'bad_charge_period'
                then 'ChargePeriodEnd must not be before ChargePeriodStart: correct it in the bill.'
            when 'missing_currency' then 'Nothing says the currency of the amount: give the file a column of it, or set `currency` for the source.'
            when 'unknown_status'
                then 'The state of the transaction is a word that nobody knows: write one of those in the README of the source.'
            else 'See the README of the source.'
        end as remedy
    from refused

),

final as (

    select
        unioned.source_name,
        unioned.load_unit_id,
        newest.location,
        unioned.source_line,
        unioned.reason,
        unioned.remedy,
        newest.pulled_at as quarantined_at
    from unioned
    inner join newest
        on unioned.source_name = newest.source_name
        and unioned.load_unit_id = newest.load_unit_id
        and unioned._dlt_load_id = newest._dlt_load_id

)

select * from final
