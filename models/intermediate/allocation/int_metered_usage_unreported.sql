{{ config(materialized='table') }}

-- What was metered on the way and no provider's usage report speaks of. A report speaks of a day where it
-- names usage of that day, or where a complete unit covers it; a unit that is still open and empty
-- says nothing yet. Reports are looked at by endpoint: one that lags does not hide its models.
with metered_usage as (

    select * from {{ ref('int_metered_usage_by_team') }}

),

gateway_accounts as (

    select * from {{ ref('int_gateway_accounts') }}

),

load_units as (

    select
        *,
        row_number() over (partition by source_name, load_unit_id order by _dlt_load_id desc) as recency
    from {{ ref('stg_lake__load_units') }}

),

-- Usage and calls are told apart: a provider may count one and not the other.
reported as (

    select distinct
        source_name,
        split_part(load_unit_id, ':', 1) as endpoint,
        service_provider_name,
        billing_account_id,
        usage_date,
        ai_model_id,
        consumed_unit = 'Requests' as is_of_requests
    from {{ ref('fct_provider_usage') }}
    where consumed_unit in ('Tokens', 'Requests')

),

endpoints as (

    select distinct source_name, endpoint, service_provider_name, is_of_requests
    from reported

),

endpoint_models as (

    select distinct source_name, endpoint, service_provider_name, is_of_requests, ai_model_id
    from reported

),

-- An empty unit does not say whose it is, unless its source has one account.
source_accounts as (

    select
        source_name,
        min(service_provider_name) as service_provider_name,
        min(billing_account_id) as billing_account_id
    from reported
    group by source_name
    having count(distinct service_provider_name) = 1
        and count(distinct billing_account_id) = 1

),

complete_units as (

    select distinct
        load_units.source_name,
        split_part(load_units.load_unit_id, ':', 1) as endpoint,
        source_accounts.service_provider_name,
        source_accounts.billing_account_id,
        load_units.covers_from,
        load_units.covers_to
    from load_units
    inner join source_accounts
        on load_units.source_name = source_accounts.source_name
    where load_units.recency = 1
        and load_units.is_complete

),

metered_dates as (

    select distinct usage_date from metered_usage

),

covered as (

    select source_name, endpoint, service_provider_name, billing_account_id, usage_date
    from reported
    union
    select
        complete_units.source_name,
        complete_units.endpoint,
        complete_units.service_provider_name,
        complete_units.billing_account_id,
        metered_dates.usage_date
    from complete_units
    inner join metered_dates
        on complete_units.covers_from <= cast(metered_dates.usage_date as timestamp)
        and complete_units.covers_to >= cast(metered_dates.usage_date as timestamp) + interval 1 day

),

kinds as (

    select true as is_of_requests
    union all
    select false as is_of_requests

),

metered as (

    select
        metered_usage.*,
        gateway_accounts.billing_account_id,
        kinds.is_of_requests
    from metered_usage
    cross join kinds
    left join gateway_accounts
        on metered_usage.service_provider_name = gateway_accounts.service_provider_name

),

metered_keys as (

    select distinct usage_date, service_provider_name, billing_account_id, ai_model_id, is_of_requests
    from metered

),

looked_up as (

    select
        metered_keys.*,
        case when endpoint_models.endpoint is not null then 1 else 0 end as is_of_model,
        case when covered.endpoint is not null then 1 else 0 end as is_covered
    from metered_keys
    inner join endpoints
        on metered_keys.service_provider_name = endpoints.service_provider_name
        and metered_keys.is_of_requests = endpoints.is_of_requests
    left join endpoint_models
        on endpoints.source_name = endpoint_models.source_name
        and endpoints.endpoint = endpoint_models.endpoint
        and endpoints.service_provider_name = endpoint_models.service_provider_name
        and endpoints.is_of_requests = endpoint_models.is_of_requests
        and metered_keys.ai_model_id = endpoint_models.ai_model_id
    left join covered
        on endpoints.source_name = covered.source_name
        and endpoints.endpoint = covered.endpoint
        and endpoints.service_provider_name = covered.service_provider_name
        and metered_keys.usage_date = covered.usage_date
        -- Where the gateway's account cannot be told, any account's report speaks.
        and (metered_keys.billing_account_id is null or metered_keys.billing_account_id = covered.billing_account_id)

),

-- A model is spoken of by the endpoints that know it; one that none knows, when all have spoken.
spoken_of as (

    select usage_date, service_provider_name, ai_model_id, is_of_requests
    from looked_up
    group by usage_date, service_provider_name, ai_model_id, is_of_requests
    having max(is_of_model * is_covered) = 1
        or (max(is_of_model) = 0 and min(is_covered) = 1)

),

final as (

    select
        metered.usage_date,
        metered.source_name,
        metered.observer_kind,
        metered.service_provider_name,
        metered.billing_account_id,
        metered.ai_model_id,
        metered.service_tier,
        metered.context_tier_start,
        metered.team_id,
        metered.is_of_requests,
        {{ token_columns('metered.') }},
        metered.request_count,
        metered.estimated_contracted_cost,
        metered.estimated_cost_currency
    from metered
    anti join spoken_of
        on metered.usage_date = spoken_of.usage_date
        and metered.service_provider_name = spoken_of.service_provider_name
        and metered.ai_model_id = spoken_of.ai_model_id
        and metered.is_of_requests = spoken_of.is_of_requests

)

select * from final
