{{ config(materialized='table') }}

-- By how much each load changed what was known of a day. A load that restates a unit changes it by the difference to the
-- unit's load before, and to nothing where it has no more of the day.
with reported as (

    select * from {{ ref('int_reported_loads') }}

),

recent as (

    select cast(max(newest_look_date) - interval {{ settled_after_days() + completeness_window() }} day as date) as first_date
    from {{ ref('int_source_looks') }}

),

unit_days as (

    select
        reported.completeness_series_id,
        reported.source_name,
        reported.load_unit_id,
        reported.usage_date,
        min(reported._dlt_load_id) as first_load_id
    from reported
    cross join recent
    where reported.usage_date >= recent.first_date
    group by reported.completeness_series_id, reported.source_name, reported.load_unit_id, reported.usage_date

),

states as (

    select
        unit_days.completeness_series_id,
        unit_days.load_unit_id,
        unit_days.usage_date,
        accounts._dlt_load_id,
        coalesce(reported.quantity, cast(0 as decimal(38, 12))) as quantity
    from unit_days
    inner join {{ ref('load_unit_accounts') }} as accounts
        on unit_days.source_name = accounts.source_name
        and unit_days.load_unit_id = accounts.load_unit_id
        and unit_days.first_load_id <= accounts._dlt_load_id
    left join reported
        on unit_days.completeness_series_id = reported.completeness_series_id
        and unit_days.load_unit_id = reported.load_unit_id
        and unit_days.usage_date = reported.usage_date
        and accounts._dlt_load_id = reported._dlt_load_id

),

changes as (

    select
        completeness_series_id,
        usage_date,
        _dlt_load_id,
        quantity - lag(quantity, 1, cast(0 as decimal(38, 12))) over (
            partition by completeness_series_id, load_unit_id, usage_date
            order by _dlt_load_id
        ) as quantity
    from states

),

series as (

    select distinct
        completeness_series_id,
        record_kind,
        source_name,
        service_provider_name,
        billing_account_id,
        billing_currency
    from reported

),

calls as (

    select
        'call' as record_kind,
        calls.source_name,
        calls.service_provider_name,
        cast(null as {{ dbt.type_string() }}) as billing_account_id,
        cast(null as {{ dbt.type_string() }}) as billing_currency,
        calls.usage_date,
        calls.first_load_id as _dlt_load_id,
        cast(calls.total_tokens as decimal(38, 12)) as quantity
    from {{ ref('int_call_arrivals_day') }} as calls
    cross join recent
    where calls.usage_date >= recent.first_date

),

told as (

    select
        series.record_kind,
        series.source_name,
        series.service_provider_name,
        series.billing_account_id,
        series.billing_currency,
        changes.usage_date,
        changes._dlt_load_id,
        changes.quantity
    from changes
    inner join series
        on changes.completeness_series_id = series.completeness_series_id
    union all
    select * from calls

),

final as (

    select
        {{ completeness_series() }} as completeness_series_id,
        record_kind,
        source_name,
        service_provider_name,
        billing_account_id,
        billing_currency,
        usage_date,
        _dlt_load_id,
        cast(sum(quantity) as decimal(38, 12)) as quantity
    from told
    group by record_kind, source_name, service_provider_name, billing_account_id, billing_currency, usage_date, _dlt_load_id
    having sum(quantity) <> 0

)

select * from final
