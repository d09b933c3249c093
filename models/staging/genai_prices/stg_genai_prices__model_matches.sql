with model_matches as (
    select * from {{ source('genai_prices', 'model_matches') }}
),

editions as (
    select
        *,
        max(_dlt_load_id) over () as newest_load_id
    from model_matches
),

final as (
    select
        match_target,
        provider_id,
        provider_name,
        provider_rank,
        model_id,
        model_name,
        model_rank,
        clause_group,
        clause_count,
        operator,
        match_value,
        is_negated,
        source_version,
        load_unit_id,
        source_line,
        _dlt_load_id
    from editions
    where _dlt_load_id = newest_load_id
)

select * from final
