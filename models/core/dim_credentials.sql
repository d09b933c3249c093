-- A key counts from the moment that anyone speaks of it: a bill, a usage report, a gateway, the
-- provider's own list or the organisation's register.
with listed as (

    select * from {{ ref('int_credentials_unioned') }}

),

registered as (

    select * from {{ ref('stg_org__credentials') }}

),

owners as (

    select * from {{ ref('stg_org__owners') }}
    where owner_kind = 'credential'

),

used as (

    select
        service_provider_name,
        credential_id,
        sub_account_id,
        usage_date,
        cast(null as {{ dbt.type_string() }}) as credential_name
    from {{ ref('fct_provider_usage') }}
    where credential_id is not null
    union all
    select
        service_provider_name,
        credential_id,
        sub_account_id,
        charge_date as usage_date,
        cast(null as {{ dbt.type_string() }}) as credential_name
    from {{ ref('int_billed_charges') }}
    where credential_id is not null
    union all
    select
        gateway_name as service_provider_name,
        credential_id,
        cast(null as {{ dbt.type_string() }}) as sub_account_id,
        usage_date,
        credential_name
    from {{ ref('fct_usage_hour') }}
    where credential_id is not null

),

use_periods as (

    select
        service_provider_name,
        credential_id,
        max(sub_account_id) as sub_account_id,
        max(credential_name) as credential_name,
        min(usage_date) as first_used_date,
        max(usage_date) as last_used_date
    from used
    group by service_provider_name, credential_id

),

listing_providers as (

    select distinct service_provider_name from listed

),

registered_names as (

    select
        service_provider_name,
        credential_id,
        max(credential_name) as credential_name,
        max(case when route = 'gateway' then 1 else 0 end) = 1 as is_gateway
    from registered
    group by service_provider_name, credential_id

),

owned as (

    select distinct
        service_provider_name,
        owner_key as credential_id
    from owners
    where service_provider_name is not null

),

every_key as (

    select service_provider_name, credential_id from use_periods
    union
    select service_provider_name, credential_id from listed
    union
    select service_provider_name, credential_id from registered_names
    union
    select service_provider_name, credential_id from owned

),

final as (

    select
        every_key.service_provider_name,
        every_key.credential_id,
        coalesce(
            registered_names.credential_name, listed.credential_name, use_periods.credential_name
        ) as credential_name,
        coalesce(use_periods.sub_account_id, listed.sub_account_id) as sub_account_id,
        coalesce(registered_names.is_gateway, false) as is_gateway,
        registered_names.credential_id is not null or owned.credential_id is not null as is_registered,
        -- Only a provider that lists its keys can tell that one is gone.
        listing_providers.service_provider_name is not null
        and not coalesce(listed.is_current, false) as is_deleted,
        listed.delisted_date,
        use_periods.first_used_date,
        use_periods.last_used_date
    from every_key
    left join use_periods
        on every_key.service_provider_name = use_periods.service_provider_name
        and every_key.credential_id = use_periods.credential_id
    left join listed
        on every_key.service_provider_name = listed.service_provider_name
        and every_key.credential_id = listed.credential_id
    left join listing_providers
        on every_key.service_provider_name = listing_providers.service_provider_name
    left join registered_names
        on every_key.service_provider_name = registered_names.service_provider_name
        and every_key.credential_id = registered_names.credential_id
    left join owned
        on every_key.service_provider_name = owned.service_provider_name
        and every_key.credential_id = owned.credential_id

)

select * from final
