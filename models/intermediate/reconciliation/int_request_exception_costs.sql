{{ config(materialized='table') }}

-- Each token class of these calls at the price that priced them, as int_metered_class_costs has it of all calls.
with exceptions as (

    select * from {{ ref('int_request_exceptions_day') }}

),

rates as (

    select * from {{ ref('int_price_rates') }}

),

classes as (

    {% for token_class in token_classes() %}
    select
        exceptions.usage_date,
        exceptions.exception_kind,
        exceptions.source_name,
        exceptions.observer_kind,
        exceptions.service_provider_name,
        exceptions.ai_model_id,
        exceptions.service_tier,
        '{{ token_class }}' as token_class,
        exceptions.{{ token_class }}_tokens as tokens,
        {{ tokens_to_cost('exceptions.' ~ token_class ~ '_tokens', 'rates.contracted_' ~ token_class ~ '_price') }} as estimated_contracted_cost,
        coalesce(rates.currency, 'USD') as estimated_cost_currency,
        exceptions.request_count,
        exceptions.first_load_unit_id
    from exceptions
    left join rates
        on exceptions.price_id = rates.price_id
        and exceptions.service_provider_name = rates.service_provider_name
        and exceptions.model_name = rates.model_name
    where exceptions.{{ token_class }}_tokens > 0
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

final as (

    select * from classes

)

select * from final
