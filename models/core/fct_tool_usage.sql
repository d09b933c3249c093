-- Sums that tools and their vendors report of persons: beside requests and provider usage, which may have seen the same
-- calls, and never added to them. A sum says nothing of a call's length: it is priced in the ordinary context tier.
with tool_usage as (

    select
        *,
        {{ token_total() }} as total_tokens
    from {{ ref('int_tool_usage_unioned') }}

),

models as (

    select * from {{ ref('int_model_names_resolved') }}

),

rates as (

    select * from {{ ref('int_price_rates') }}

),

priced as (

    select
        tool_usage.*,
        case when tool_usage.model_name is null then 'none' else coalesce(rates.ai_model_id, models.ai_model_id, 'unknown') end as ai_model_id,
        rates.price_id,
        rates.price_version,
        case when tool_usage.tells_tokens then {{ estimated_cost('tool_usage', 'rates', 'list') }} end as estimated_list_cost,
        coalesce(rates.currency, 'USD') as estimated_cost_currency,
        cast({{ unpriced_tokens('tool_usage', 'rates') }} as bigint) as unpriced_tokens
    from tool_usage
    left join models
        on tool_usage.service_provider_name = models.service_provider_name
        and tool_usage.model_name = models.model_name
    left join rates
        on tool_usage.service_provider_name = rates.service_provider_name
        and tool_usage.model_name = rates.model_name
        and rates.region_id = ''
        and rates.service_tier = 'standard'
        and cast(tool_usage.usage_date as timestamp) >= rates.valid_from
        and cast(tool_usage.usage_date as timestamp) < rates.valid_to
        and rates.context_tier_start <= 1
        and rates.context_tier_end > 1
        and rates.minute_of_day_from = 0

),

final as (

    select
        {{ tool_usage_shape().keys() | join(',\n        ') }},
        ai_model_id,
        {{ token_columns() }},
        cast(total_tokens as bigint) as total_tokens,
        {{ tool_usage_shape_after_tokens().keys() | join(',\n        ') }},
        price_id,
        price_version,
        estimated_list_cost,
        estimated_cost_currency,
        unpriced_tokens,
        case when tells_tokens and unpriced_tokens = 0 then estimated_list_cost else stated_list_cost end as api_list_cost,
        case when tells_tokens and unpriced_tokens = 0 then estimated_cost_currency else stated_cost_currency end as api_cost_currency,
        case
            when tells_tokens and unpriced_tokens = 0 then 'price_book'
            when stated_list_cost is not null then 'vendor'
        end as api_cost_basis
    from priced

)

select * from final
