-- Provider keys that a gateway spends on, and when. Periods of one key that overlap or touch are
-- merged; a gap between them stays one, or a bypass in it would not be seen.
with credentials as (

    select
        service_provider_name,
        credential_id,
        coalesce(valid_from, cast('1970-01-01' as date)) as valid_from,
        coalesce(valid_to, cast('9999-12-31' as date)) as valid_to
    from {{ ref('stg_org__credentials') }}
    where route = 'gateway'

),

compared as (

    select
        *,
        max(valid_to) over (
            partition by service_provider_name, credential_id
            order by valid_from, valid_to
            rows between unbounded preceding and 1 preceding
        ) as covered_to
    from credentials
    where valid_to > valid_from

),

numbered as (

    select
        *,
        sum(case when covered_to is null or valid_from > covered_to then 1 else 0 end) over (
            partition by service_provider_name, credential_id
            order by valid_from, valid_to
            rows between unbounded preceding and current row
        ) as period_number
    from compared

),

final as (

    select
        service_provider_name,
        credential_id,
        min(valid_from) as valid_from,
        max(valid_to) as valid_to
    from numbered
    group by service_provider_name, credential_id, period_number

)

select * from final
