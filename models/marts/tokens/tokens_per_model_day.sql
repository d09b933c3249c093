-- Gateways, request logs, traces and tools each saw calls of their own, which may be added. The provider's
-- report speaks of the same calls again: the two never stand in one row and are not to be added.
with metered_usage as (

    select * from {{ ref('fct_usage_hour') }}

),

provider_usage as (

    select
        *,
        -- What has no estimate is of the currency that the rest is estimated in.
        coalesce(
            case when estimated_list_cost is not null then estimated_cost_currency end,
            max(case when estimated_list_cost is not null then estimated_cost_currency end)
                over (partition by usage_date, service_provider_name, ai_model_id),
            estimated_cost_currency
        ) as cost_currency,
        case when consumed_unit = 'Requests' then 'requests' else {{ billed_class('token_class') }} end as measure
    from {{ ref('fct_provider_usage') }}
    -- Tokens, calls, and what else has a price, as searches: calls have it in their estimate too.
    where consumed_unit in ('Tokens', 'Requests')
        or price_match is not null

),

models as (

    select * from {{ ref('dim_ai_models') }}

),

observed as (

    select
        usage_date,
        service_provider_name,
        ai_model_id,
        observer_kind as observed_by,
        {{ sum_token_columns() }},
        cast(sum(request_count) as bigint) as request_count,
        cast(sum(failed_request_count) as bigint) as failed_request_count,
        cast(sum(estimated_list_cost) as decimal(38, 12)) as estimated_list_cost,
        estimated_cost_currency
    from metered_usage
    group by usage_date, service_provider_name, ai_model_id, observer_kind, estimated_cost_currency
    union all
    select
        usage_date,
        service_provider_name,
        ai_model_id,
        'provider' as observed_by,
        {{ pivot_token_classes('consumed_quantity', 'measure') }},
        cast(sum(case when measure = 'requests' then consumed_quantity end) as bigint) as request_count,
        cast(null as bigint) as failed_request_count,
        cast(sum(estimated_list_cost) as decimal(38, 12)) as estimated_list_cost,
        cost_currency as estimated_cost_currency
    from provider_usage
    group by usage_date, service_provider_name, ai_model_id, cost_currency

),

final as (

    select
        observed.usage_date,
        observed.service_provider_name,
        observed.ai_model_id,
        coalesce(models.ai_model_name, observed.ai_model_id) as ai_model_name,
        observed.observed_by,
        {{ token_columns('observed.') }},
        {{ token_total('observed.') }} as total_tokens,
        observed.request_count,
        observed.failed_request_count,
        observed.estimated_list_cost,
        observed.estimated_cost_currency,
        cast(observed.cache_read_tokens + observed.cache_read_audio_tokens + observed.cache_read_image_tokens as double)
        / nullif(cast({{ total_input_tokens('observed') }} as double), 0)
            as cache_read_ratio
    from observed
    left join models
        on observed.ai_model_id = models.ai_model_id

)

select * from final
