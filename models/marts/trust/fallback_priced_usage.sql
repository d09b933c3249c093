-- Usage whose price is not quite its own: how much of every estimate rests on a stand-in.
with metered_usage as (

    select * from {{ ref('fct_usage_hour') }}
    where not is_cache_hit

),

provider_usage as (

    select * from {{ ref('fct_provider_usage') }}
    where token_class is not null

),

observed as (

    select
        {{ month_of('usage_date') }} as usage_month,
        usage_date,
        observer_kind as observed_by,
        source_name,
        service_provider_name,
        model_name,
        service_tier,
        price_match,
        is_price_disputed,
        total_tokens as tokens,
        request_count,
        estimated_contracted_cost as estimated_cost,
        estimated_cost_currency
    from metered_usage
    union all
    select
        {{ month_of('usage_date') }} as usage_month,
        usage_date,
        'provider' as observed_by,
        source_name,
        service_provider_name,
        coalesce(model_name, 'unknown') as model_name,
        service_tier,
        price_match,
        is_price_disputed,
        cast(consumed_quantity as bigint) as tokens,
        cast(null as bigint) as request_count,
        estimated_contracted_cost as estimated_cost,
        estimated_cost_currency
    from provider_usage
    where consumed_quantity > 0

),

reasons as (

    select
        *,
        'tier_without_price' as reason
    from observed
    where price_match = 'fallback'
    union all
    select
        *,
        'price_of_the_maker' as reason
    from observed
    where price_match = 'host_mapped'
    union all
    select
        *,
        'disputed_price' as reason
    from observed
    where is_price_disputed

),

final as (

    select
        usage_month,
        observed_by,
        source_name,
        service_provider_name,
        model_name,
        service_tier,
        reason,
        cast(sum(tokens) as bigint) as tokens,
        cast(sum(request_count) as bigint) as request_count,
        cast(sum(estimated_cost) as decimal(38, 12)) as estimated_cost,
        estimated_cost_currency,
        min(usage_date) as first_seen_date,
        max(usage_date) as last_seen_date
    from reasons
    group by
        usage_month,
        observed_by,
        source_name,
        service_provider_name,
        model_name,
        service_tier,
        reason,
        estimated_cost_currency

)

select * from final
