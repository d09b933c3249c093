{{ config(
    materialized='incremental',
    incremental_strategy='arrived_units',
) }}

-- A provider restates a bucket by sending it again: the newest load of a unit is what it says now.
with provider_usage as (

    select * from {{ ref('int_provider_usage_unioned') }}
    where quarantine_reason is null

),

units as (

    select * from {{ ref('int_units_arrived') }}

),

models as (

    select * from {{ ref('int_model_names_resolved') }}

),

rates as (

    select * from {{ ref('int_price_rates') }}

),

current_usage as (

    select
        provider_usage.*,
        {{ context_tier_start('provider_usage.context_tier') }} as context_tier_start,
        {{ price_class_of_usage('provider_usage') }} as price_class
    from provider_usage
    inner join units
        on provider_usage.source_name = units.source_name
        and provider_usage.load_unit_id = units.load_unit_id
        and provider_usage._dlt_load_id = units.newest_load_id

),

final as (

    select
        current_usage.source_name,
        current_usage.load_unit_id,
        current_usage.source_line,
        current_usage._dlt_load_id,
        current_usage.service_provider_name,
        coalesce(current_usage.billing_account_id, 'unknown') as billing_account_id,
        cast(current_usage.usage_start as date) as usage_date,
        current_usage.usage_start,
        current_usage.usage_end,
        current_usage.sub_account_id,
        current_usage.credential_id,
        current_usage.user_id,
        current_usage.model_name,
        case when current_usage.model_name is null then 'none' else coalesce(rates.ai_model_id, models.ai_model_id, 'unknown') end as ai_model_id,
        coalesce(current_usage.service_tier, 'standard') as service_tier,
        current_usage.context_tier,
        current_usage.context_tier_start,
        current_usage.region_id,
        current_usage.operation_name,
        current_usage.token_class,
        cast(current_usage.consumed_quantity as decimal(38, 12)) as consumed_quantity,
        current_usage.consumed_unit,
        rates.price_id,
        case when current_usage.price_class is not null then coalesce(rates.price_match, 'none') end as price_match,
        rates.price_version,
        coalesce(rates.is_disputed, false) as is_price_disputed,
        {{ cost_of_class('current_usage.price_class', 'current_usage.consumed_quantity', 'rates', 'list') }}
            as estimated_list_cost,
        {{ cost_of_class('current_usage.price_class', 'current_usage.consumed_quantity', 'rates', 'contracted') }}
            as estimated_contracted_cost,
        coalesce(rates.currency, 'USD') as estimated_cost_currency
    from current_usage
    left join models
        on current_usage.service_provider_name = models.service_provider_name
        and current_usage.model_name = models.model_name
    left join rates
        on current_usage.price_class is not null
        and current_usage.service_provider_name = rates.service_provider_name
        and current_usage.model_name = rates.model_name
        and {{ price_region('current_usage.region_id') }} = rates.region_id
        and {{ priced_tier('current_usage.service_tier') }} = rates.service_tier
        and current_usage.usage_start >= rates.valid_from
        and current_usage.usage_start < rates.valid_to
        -- A bucket says only which tier it lies in: the first token past the bound decides.
        and coalesce(current_usage.context_tier_start, 0) + 1 >= rates.context_tier_start
        and coalesce(current_usage.context_tier_start, 0) + 1 < rates.context_tier_end
        and rates.minute_of_day_from = 0

)

select * from final
