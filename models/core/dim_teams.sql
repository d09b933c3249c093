-- A team that only an ownership rule names still gets a row, or its money would join to nothing.
with teams as (

    select * from {{ ref('stg_org__teams') }}

),

owners as (

    select * from {{ ref('stg_org__owners') }}

),

shared_costs as (

    select * from {{ ref('stg_org__shared_costs') }}

),

named as (

    select team_id from owners
    union
    select team_id from shared_costs
    union
    select parent_team_id as team_id from teams

),

registered as (

    select
        *,
        row_number() over (
            partition by team_id
            order by valid_from desc nulls last, source_line desc
        ) as recency
    from teams
    where team_id <> 'unallocated'

),

final as (

    select
        team_id,
        coalesce(team_name, team_id) as team_name,
        cost_center_id,
        parent_team_id,
        valid_from,
        valid_to,
        true as is_registered
    from registered
    where recency = 1

    union all

    select
        named.team_id,
        named.team_id as team_name,
        cast(null as {{ dbt.type_string() }}) as cost_center_id,
        cast(null as {{ dbt.type_string() }}) as parent_team_id,
        cast(null as date) as valid_from,
        cast(null as date) as valid_to,
        false as is_registered
    from named
    anti join registered
        on named.team_id = registered.team_id
    where named.team_id is not null
        and named.team_id <> 'unallocated'

    union all

    select
        'unallocated' as team_id,
        'Unallocated' as team_name,
        cast(null as {{ dbt.type_string() }}) as cost_center_id,
        cast(null as {{ dbt.type_string() }}) as parent_team_id,
        cast(null as date) as valid_from,
        cast(null as date) as valid_to,
        true as is_registered

)

select * from final
