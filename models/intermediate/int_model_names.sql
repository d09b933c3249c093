{{ config(materialized='incremental', incremental_strategy='append') }}

-- Every name that a record, a usage row or a charge has used, and where; only what arrives is looked at.
with names as (

    select
        service_provider_name,
        model_name,
        {{ price_region('region_id') }} as region_id
    from {{ ref('int_requests_arrived') }}
    union
    select service_provider_name, model_name, {{ price_region('region_id') }} as region_id from {{ ref('int_provider_usage_unioned') }}
    union
    select service_provider_name, model_name, '' as region_id from {{ ref('int_charges_unioned') }}
    union
    select service_provider_name, model_name, '' as region_id from {{ ref('int_tool_usage_unioned') }}

),

final as (

    select distinct
        names.service_provider_name,
        names.model_name,
        names.region_id
    from names
    {% if is_incremental() %}
    anti join {{ this }} as known
        on names.service_provider_name = known.service_provider_name
        and names.model_name = known.model_name
        and names.region_id = known.region_id
    {% endif %}
    where names.model_name is not null

)

select * from final
