-- depends_on: {{ ref('int_touched_dates') }}
{{ config(
    materialized='incremental',
    incremental_strategy='whole_days',
) }}

-- Whole days are rewritten: those that records arrived for, and those of records they repeat. What
-- arrived goes through as a stream; the few that stand more than once, or that another source saw
-- too, were found before (int_request_repeats, int_call_observers).
with arrived as (

    select
        *,
        load_unit_id as first_load_unit_id,
        source_line as first_source_line,
        _dlt_load_id as first_load_id,
        0 as is_built
    from {{ ref('int_requests_arrived') }}
    where quarantine_reason is null

),

models as (

    select * from {{ ref('int_model_names_resolved') }}

),

rates as (

    select * from {{ ref('int_price_rates') }}

),

repeats as (

    select * from {{ ref('int_request_repeats') }}

),

observers as (

    select * from {{ ref('int_call_observers') }}

),

{% set request_columns = sighting_columns() %}
{% set cost_columns = sighting_cost_columns() %}

-- What the gateway's own cache answered cost nothing at the provider.
priced as (

    select
        arrived.{{ request_columns | join(',\n        arrived.') }},
        {{ token_columns('arrived.') }},
        arrived.total_tokens,
        arrived.reported_cost,
        arrived.reported_currency,
        arrived.request_tags,
        arrived.sampling_weight,
        arrived.{{ unit_columns() | join(',\n        arrived.') }},
        coalesce(rates.ai_model_id, models.ai_model_id, 'unknown') as ai_model_id,
        rates.price_id,
        coalesce(rates.price_match, 'none') as price_match,
        rates.price_version,
        coalesce(rates.is_disputed, false) as is_price_disputed,
        -- Providers name the bound that is exceeded; a rate starts at the token after it.
        greatest(coalesce(rates.context_tier_start, 0) - 1, 0) as context_tier_start,
        case
            when arrived.is_cache_hit then cast(0 as decimal(38, 12))
            else {{ estimated_cost('arrived', 'rates', 'list', request_units()) }}
        end as estimated_list_cost,
        case
            when arrived.is_cache_hit then cast(0 as decimal(38, 12))
            else {{ estimated_cost('arrived', 'rates', 'contracted', request_units()) }}
        end as estimated_contracted_cost,
        coalesce(rates.currency, 'USD') as estimated_cost_currency,
        cast(
            case when arrived.is_cache_hit then 0 else {{ unpriced_tokens('arrived', 'rates') }} end as bigint
        ) as unpriced_tokens,
        arrived.is_built
    from arrived
    left join models
        on arrived.service_provider_name = models.service_provider_name
        and arrived.model_name = models.model_name
    left join rates
        on {{ price_rate_join('arrived', 'rates') }}

),

candidates as (

    select * from priced
    {% if is_incremental() %}
    union all
    select
        {{ (request_columns) | join(',\n        ') }},
        {{ token_columns() }},
        {{ cost_columns | join(',\n        ') }},
        1 as is_built
    from {{ this }}
    where {{ is_rewritten() }}
    {% endif %}

),

final as (

    select
        {% for column in request_columns -%}
        {% if column.startswith('first_') -%}
        coalesce(repeats.{{ column }}, candidates.{{ column }}) as {{ column }},
        {% else -%}
        candidates.{{ column }},
        {% endif -%}
        {% endfor -%}
        {{ token_columns('candidates.') }},
        {% for column in cost_columns -%}
        candidates.{{ column }},
        {% endfor -%}
        coalesce(
            candidates.provider_request_id, candidates.source_name || ':' || candidates.request_id
        ) as call_id,
        coalesce(observers.source_name = candidates.source_name, true) as is_counted
    from candidates
    left join repeats
        on candidates.source_name = repeats.source_name
        and candidates.request_id = repeats.request_id
    left join observers
        on candidates.provider_request_id = observers.provider_request_id
    where {{ is_newest_delivery('candidates', 'repeats') }}

)

select * from final
