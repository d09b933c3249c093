with teams as (

    select * from {{ source('org', 'teams') }}

),

final as (

    select
        team_id,
        team_name,
        cost_center_id,
        parent_team_id,
        company_id,
        valid_from,
        valid_to,
        load_unit_id,
        source_line,
        _dlt_load_id
    from teams

)

select * from final
