-- Usage of a provider is complete as far as the source that lags most of those that saw any in the last four weeks.
with metered as (

    select service_provider_name, source_name, usage_date
    from {{ ref('int_metered_usage_by_team') }}
    union all
    select service_provider_name, source_name, usage_date
    from {{ ref('fct_provider_usage') }}

),

seen as (

    select
        service_provider_name,
        source_name,
        max(usage_date) as last_date
    from metered
    group by service_provider_name, source_name

),

newest as (

    select
        *,
        max(last_date) over (partition by service_provider_name) as newest_date
    from seen

),

source_reach as (

    select
        source_name,
        min(cast(complete_to as date)) as complete_to
    from {{ ref('source_freshness') }}
    where complete_to is not null
    group by source_name

),

final as (

    select
        newest.service_provider_name,
        newest.newest_date as last_usage_date,
        min(source_reach.complete_to) as usage_complete_to
    from newest
    left join source_reach
        on newest.source_name = source_reach.source_name
    where newest.last_date > cast(newest.newest_date - interval 28 day as date)
    group by newest.service_provider_name, newest.newest_date

)

select * from final
