-- A day on which gateways metered tokens of a provider has tokens of it in the cost marts, unless a
-- complete unit of the provider's usage report covers the day and so says that there were none.
with metered as (

    select
        service_provider_name,
        usage_date,
        sum({{ token_total() }}) as metered_tokens
    from {{ ref('int_metered_usage_by_team') }}
    group by service_provider_name, usage_date
    having sum({{ token_total() }}) > 0

),

shown as (

    select service_provider_name, usage_date
    from {{ ref('cost_per_team_day') }}
    group by service_provider_name, usage_date
    having sum(total_tokens) > 0

),

reports as (

    select distinct
        provider_usage.service_provider_name,
        load_units.covers_from,
        load_units.covers_to
    from {{ ref('fct_provider_usage') }} as provider_usage
    inner join {{ ref('stg_lake__load_units') }} as load_units
        on provider_usage.source_name = load_units.source_name
        and split_part(provider_usage.load_unit_id, ':', 1) = split_part(load_units.load_unit_id, ':', 1)
    where load_units.is_complete

)

select metered.service_provider_name, metered.usage_date, metered.metered_tokens
from metered
anti join shown
    on metered.service_provider_name = shown.service_provider_name
    and metered.usage_date = shown.usage_date
anti join reports
    on metered.service_provider_name = reports.service_provider_name
    and reports.covers_from <= cast(metered.usage_date as timestamp)
    and reports.covers_to >= cast(metered.usage_date as timestamp) + interval 1 day
