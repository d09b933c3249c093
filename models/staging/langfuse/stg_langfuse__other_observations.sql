with observations as (

    select * from {{ source('langfuse', 'observations') }}

),

final as (

    select
        'langfuse' as source_name,
        load_unit_id,
        source_line,
        _dlt_load_id,
        observation_id,
        observation_type,
        trace_id,
        parent_observation_id,
        started_at,
        ended_at
    from observations
    where upper(observation_type) not in ('GENERATION', 'EMBEDDING')

)

select * from final
