{{ config(materialized='table') }}

-- What was metered on the way, a day and token class, each at the price that priced its requests; so are
-- searches and seconds, which are no tokens. What has no price has a count and no cost.
with usage_hours as (

    select * from {{ ref('fct_usage_hour') }}
    where not is_cache_hit

),

rates as (

    select * from {{ ref('int_price_rates') }}

),

usage_days as (

    select
        usage_date,
        source_name,
        observer_kind,
        service_provider_name,
        model_name,
        ai_model_id,
        service_tier,
        price_id,
        min(first_load_unit_id) as first_load_unit_id,
        {{ sum_token_columns() }},
        {%- for unit in request_units() %}
        cast(sum({{ unit }}_count) as decimal(38, 12)) as {{ unit }}_count,
        {%- endfor %}
        cast(sum(request_count) as bigint) as request_count,
        cast(sum(unpriced_request_count) as bigint) as unpriced_request_count,
        cast(sum(reported_cost) as decimal(38, 12)) as reported_cost
    from usage_hours
    group by usage_date, source_name, observer_kind, service_provider_name, model_name, ai_model_id, service_tier, price_id

),

classes as (

    {% for token_class in token_classes() + request_units() %}
    {%- set is_unit = token_class in request_units() %}
    {%- set count = 'usage_days.' ~ token_class ~ ('_count' if is_unit else '_tokens') %}
    select
        usage_days.usage_date,
        usage_days.source_name,
        usage_days.observer_kind,
        usage_days.service_provider_name,
        usage_days.model_name,
        usage_days.ai_model_id,
        usage_days.service_tier,
        '{{ token_class }}' as token_class,
        {{ 'cast(0 as bigint)' if is_unit else count }} as tokens,
        {{ count if is_unit else 'cast(0 as decimal(38, 12))' }} as unit_count,
        usage_days.request_count,
        usage_days.unpriced_request_count,
        {{ class_to_cost(token_class, count, 'rates.list_' ~ token_class ~ '_price') }} as estimated_list_cost,
        {{ class_to_cost(token_class, count, 'rates.contracted_' ~ token_class ~ '_price') }} as estimated_contracted_cost,
        coalesce(rates.currency, 'USD') as estimated_cost_currency,
        usage_days.first_load_unit_id
    from usage_days
    left join rates
        on usage_days.price_id = rates.price_id
        and usage_days.service_provider_name = rates.service_provider_name
        and usage_days.model_name = rates.model_name
    where {{ count }} > 0
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

final as (

    select * from classes

)

select * from final
