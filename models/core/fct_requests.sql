-- depends_on: {{ ref('int_touched_dates') }}
{{ config(
    materialized='incremental',
    incremental_strategy='whole_days',
) }}

-- Whole days are rewritten: those that records arrived for, and those of records they repeat.
-- The newest delivery of a record counts; its first sighting stays for the accounts per file.
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

{% set request_columns = [
    'source_name', 'gateway_name', 'request_id', 'load_unit_id', 'source_line', '_dlt_load_id',
    'first_load_unit_id', 'first_source_line', 'first_load_id',
    'usage_date', 'started_at', 'ended_at', 'request_status', 'operation_name',
    'service_provider_name', 'model_name', 'requested_model_name', 'service_tier',
    'credential_id', 'credential_name', 'gateway_team_id', 'user_id', 'end_user_id',
    'session_id', 'agent_id', 'is_cache_hit',
] %}
{% set cost_columns = [
    'total_tokens', 'reported_cost', 'reported_currency', 'request_tags',
    'ai_model_id', 'price_id', 'context_tier_start', 'estimated_list_cost',
    'estimated_contracted_cost', 'estimated_cost_currency', 'unpriced_tokens',
] %}

-- What the gateway's own cache answered cost nothing at the provider.
priced as (

    select
        arrived.{{ request_columns | join(',\n        arrived.') }},
        {{ token_columns('arrived.') }},
        arrived.total_tokens,
        arrived.reported_cost,
        arrived.reported_currency,
        arrived.request_tags,
        coalesce(models.ai_model_id, 'unknown') as ai_model_id,
        rates.price_id,
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
            order by candidates._dlt_load_id desc, candidates.load_unit_id desc, candidates.source_line desc
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

final as (

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
        {% if column.startswith('first_') -%}first_sighting.{{ column }}{% else -%}newest_delivery.{{ column }}{% endif %},
        {% endfor -%}
        {{ token_columns('newest_delivery.') }},
        newest_delivery.{{ cost_columns | join(',\n        newest_delivery.') }}
    from ranked as newest_delivery
    inner join ranked as first_sighting
        on newest_delivery.source_name = first_sighting.source_name
        and newest_delivery.request_id = first_sighting.request_id
        and first_sighting.oldest = 1
    where newest_delivery.newest = 1

)

select * from final
