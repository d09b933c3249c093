-- depends_on: {{ ref('int_touched_dates') }}
{{ config(
    materialized='incremental',
    incremental_strategy='whole_days',
) }}

-- Whole days are rewritten: those that records arrived for, and those of records they repeat.
-- The newest delivery of a record counts, or its newest revision where the source dates them; its
-- first delivery stays for the accounts per file.
with arrived as (

    select
        *,
        load_unit_id as first_load_unit_id,
        source_line as first_source_line,
        _dlt_load_id as first_load_id
    from {{ ref('int_requests_arrived') }}
    where quarantine_reason is null

),

models as (

    select * from {{ ref('int_model_names_resolved') }}

),

rates as (

    select * from {{ ref('int_price_rates') }}

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
        coalesce(rates.ai_model_id, models.ai_model_id, 'unknown') as ai_model_id,
        rates.price_id,
        coalesce(rates.price_match, 'none') as price_match,
        rates.price_version,
        coalesce(rates.is_disputed, false) as is_price_disputed,
        -- Providers name the bound that is exceeded; a rate starts at the token after it.
        greatest(coalesce(rates.context_tier_start, 0) - 1, 0) as context_tier_start,
        case
            when arrived.is_cache_hit then cast(0 as decimal(38, 12))
            else {{ estimated_cost('arrived', 'rates', 'list') }}
        end as estimated_list_cost,
        case
            when arrived.is_cache_hit then cast(0 as decimal(38, 12))
            else {{ estimated_cost('arrived', 'rates', 'contracted') }}
        end as estimated_contracted_cost,
        coalesce(rates.currency, 'USD') as estimated_cost_currency,
        cast(
            case when arrived.is_cache_hit then 0 else {{ unpriced_tokens('arrived', 'rates') }} end as bigint
        ) as unpriced_tokens
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
        {{ cost_columns | join(',\n        ') }}
    from {{ this }}
    where usage_date in (select usage_date from {{ ref('int_touched_dates') }})
        and usage_date >= (select min(usage_date) from {{ ref('int_touched_dates') }})
    {% endif %}

),

-- Only records that stand more than once go through the window: few of many.
repeated as (

    select source_name, request_id
    from candidates
    group by source_name, request_id
    having count(*) > 1

),

ranked as (

    select
        candidates.*,
        row_number() over (
            partition by candidates.source_name, candidates.request_id
            order by
                candidates.revised_at desc nulls last,
                candidates._dlt_load_id desc,
                candidates.load_unit_id desc,
                candidates.source_line desc
        ) as newest,
        row_number() over (
            partition by candidates.source_name, candidates.request_id
            order by candidates.first_load_id, candidates.first_load_unit_id, candidates.first_source_line
        ) as oldest
    from candidates
    inner join repeated
        on candidates.source_name = repeated.source_name
        and candidates.request_id = repeated.request_id

),

newest as (

    select
        {{ request_columns | join(',\n        ') }},
        {{ token_columns() }},
        {{ cost_columns | join(',\n        ') }}
    from candidates
    anti join repeated
        on candidates.source_name = repeated.source_name
        and candidates.request_id = repeated.request_id
    union all
    select
        {% for column in request_columns -%}
        {% if column.startswith('first_') -%}first_delivery.{{ column }}{% else -%}newest_delivery.{{ column }}{% endif %},
        {% endfor -%}
        {{ token_columns('newest_delivery.') }},
        newest_delivery.{{ cost_columns | join(',\n        newest_delivery.') }}
    from ranked as newest_delivery
    inner join ranked as first_delivery
        on newest_delivery.source_name = first_delivery.source_name
        and newest_delivery.request_id = first_delivery.request_id
        and first_delivery.oldest = 1
    where newest_delivery.newest = 1

),

-- A call that several sources saw bears the provider's own id in each. Only calls that a second
-- source knows are looked at: with one source that is none.
identified as (

    select source_name, observer_kind, provider_request_id
    from newest
    where provider_request_id is not null
    {% if is_incremental() %}
    union all
    -- The other sighting may lie across midnight, on a day that is not rewritten.
    select source_name, observer_kind, provider_request_id
    from {{ this }}
    where provider_request_id is not null
        and usage_date not in (select usage_date from {{ ref('int_touched_dates') }})
        and usage_date in (
            select cast(usage_date - interval 1 day as date) from {{ ref('int_touched_dates') }}
            union
            select cast(usage_date + interval 1 day as date) from {{ ref('int_touched_dates') }}
        )
    {% endif %}

),

seen_by_others as (

    select distinct provider_request_id
    from identified
    where source_name > (select min(every_one.source_name) from identified as every_one)

),

observers as (

    select
        identified.provider_request_id,
        identified.source_name,
        row_number() over (
            partition by identified.provider_request_id
            order by {{ observer_precedence('identified.observer_kind') }}, identified.source_name
        ) as place
    from identified
    semi join seen_by_others
        on identified.provider_request_id = seen_by_others.provider_request_id

),

final as (

    select
        {% for column in request_columns -%}
        newest.{{ column }},
        {% endfor -%}
        {{ token_columns('newest.') }},
        {% for column in cost_columns -%}
        newest.{{ column }},
        {% endfor -%}
        coalesce(newest.provider_request_id, newest.source_name || ':' || newest.request_id) as call_id,
        coalesce(observers.source_name = newest.source_name, true) as is_counted
    from newest
    left join observers
        on newest.provider_request_id = observers.provider_request_id
        and observers.place = 1

)

select * from final
