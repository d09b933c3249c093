{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['source_name', '_dlt_load_id'],
) }}

-- The facts keep the newest load of a unit. This keeps what each load of it said, summed, of the loads that this build takes in.
with usage as (

    select
        'usage' as record_kind,
        source_name,
        load_unit_id,
        _dlt_load_id,
        service_provider_name,
        cast(null as {{ dbt.type_string() }}) as billing_account_id,
        cast(null as {{ dbt.type_string() }}) as billing_currency,
        cast(usage_start as date) as usage_date,
        cast(consumed_quantity as decimal(38, 12)) as quantity
    from {{ ref('int_provider_usage_unioned') }}
    where quarantine_reason is null
        and token_class is not null

),

-- What is billed for longer than a day says of no day how complete it is.
bills as (

    select
        'bill' as record_kind,
        source_name,
        load_unit_id,
        _dlt_load_id,
        service_provider_name,
        coalesce(billing_account_id, 'unknown') as billing_account_id,
        billing_currency,
        cast(charge_period_start as date) as usage_date,
        billed_cost as quantity
    from {{ ref('int_charges_unioned') }}
    where quarantine_reason is null
        and charge_category = 'Usage'
        and charge_period_end <= charge_period_start + interval 1 day

),

told as (

    select * from usage
    union all
    select * from bills

),

final as (

    select
        {{ completeness_series() }} as completeness_series_id,
        record_kind,
        source_name,
        load_unit_id,
        _dlt_load_id,
        service_provider_name,
        billing_account_id,
        billing_currency,
        usage_date,
        cast(sum(quantity) as decimal(38, 12)) as quantity
    from told
    group by
        record_kind,
        source_name,
        load_unit_id,
        _dlt_load_id,
        service_provider_name,
        billing_account_id,
        billing_currency,
        usage_date

)

select * from final
