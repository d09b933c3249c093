{{ config(materialized='table') }}

-- One line a source of requests that also brings records that are none: the only place to touch.
{% set models = models_of_loaded_sources([
    'stg_otel__other_spans',
    'stg_langfuse__other_observations',
]) %}

with others as (

    {% for model in models %}
    select source_name, load_unit_id, _dlt_load_id from {{ model }}
    {{ 'union all' if not loop.last }}
    {% else %}
    select
        cast(null as {{ dbt.type_string() }}) as source_name,
        cast(null as {{ dbt.type_string() }}) as load_unit_id,
        cast(null as {{ dbt.type_string() }}) as _dlt_load_id
    where false
    {% endfor %}

),

final as (

    select
        source_name,
        load_unit_id,
        _dlt_load_id,
        cast(count(*) as bigint) as record_count
    from others
    group by source_name, load_unit_id, _dlt_load_id

)

select * from final
