with outcomes as (

    select * from {{ source('org', 'outcomes') }}

),

final as (

    select
        {{ month_of('outcome_month') }} as outcome_month,
        team_id,
        lower(outcome_kind) as outcome_kind,
        quantity,
        outcome_source,
        load_unit_id,
        source_line,
        _dlt_load_id
    from outcomes

)

select * from final
