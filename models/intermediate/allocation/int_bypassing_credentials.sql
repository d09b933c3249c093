{{ config(materialized='table') }}

-- Which keys bypassed every gateway on which day. Usage without a key is a provider's own console.
-- `ai_model_id` is null where the whole key did;
-- it is named for accounts without a registered gateway key, where only the models tell.
with usage_days as (

    select * from {{ ref('int_usage_by_team') }}

),

charges as (

    select * from {{ ref('int_charges_to_allocate') }}
    where credential_id is not null

),

keys_in_use as (

    select service_provider_name, billing_account_id, credential_id, usage_date, ai_model_id, is_gateway
    from usage_days
    union
    select service_provider_name, billing_account_id, credential_id, charge_date, ai_model_id, is_gateway
    from charges

),

accounts_with_gateway as (

    select distinct service_provider_name, billing_account_id
    from keys_in_use
    where is_gateway

),

metered_models as (

    select distinct service_provider_name, usage_date, ai_model_id
    from {{ ref('int_gateway_mix') }}

),

by_register as (

    select distinct
        keys_in_use.service_provider_name,
        keys_in_use.billing_account_id,
        keys_in_use.credential_id,
        keys_in_use.usage_date,
        cast(null as {{ dbt.type_string() }}) as ai_model_id
    from keys_in_use
    inner join accounts_with_gateway
        on keys_in_use.service_provider_name = accounts_with_gateway.service_provider_name
        and keys_in_use.billing_account_id = accounts_with_gateway.billing_account_id
    where not keys_in_use.is_gateway

),

by_model as (

    select distinct
        keys_in_use.service_provider_name,
        keys_in_use.billing_account_id,
        keys_in_use.credential_id,
        keys_in_use.usage_date,
        keys_in_use.ai_model_id
    from keys_in_use
    anti join accounts_with_gateway
        on keys_in_use.service_provider_name = accounts_with_gateway.service_provider_name
        and keys_in_use.billing_account_id = accounts_with_gateway.billing_account_id
    anti join metered_models
        on keys_in_use.service_provider_name = metered_models.service_provider_name
        and keys_in_use.usage_date = metered_models.usage_date
        and keys_in_use.ai_model_id = metered_models.ai_model_id

),

final as (

    select * from by_register
    union all
    select * from by_model

)

select * from final
