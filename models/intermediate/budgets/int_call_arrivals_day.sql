-- depends_on: {{ ref('int_touched_dates') }}
{{ config(
    materialized='incremental',
    incremental_strategy='whole_days',
) }}

-- Rebuilt for the days that request_sightings rewrote: a few rows a day, so that nobody goes through the calls again.
with sightings as (

    select
        usage_date,
        source_name,
        service_provider_name,
        first_load_id,
        total_tokens
    from {{ ref('request_sightings') }}
    {% if is_incremental() %}
    where {{ is_rewritten() }}
    {% endif %}

),

final as (

    select
        usage_date,
        source_name,
        coalesce(service_provider_name, 'unknown') as service_provider_name,
        first_load_id,
        cast(sum(total_tokens) as bigint) as total_tokens
    from sightings
    group by usage_date, source_name, coalesce(service_provider_name, 'unknown'), first_load_id

)

select * from final
