-- A team that only an ownership rule names still gets a row, or its money would join to nothing.
-- The periods of a team fill all time: where teams.csv leaves a gap, the name stays known and the
-- cost centre and the company do not.
{% set first_day = "cast('1970-01-01' as date)" %}
{% set last_day = "cast('9999-12-31' as date)" %}

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

ordered as (

    select
        team_id,
        coalesce(team_name, team_id) as team_name,
        cost_center_id,
        parent_team_id,
        company_id,
        coalesce(valid_from, {{ first_day }}) as starts_on,
        coalesce(valid_to, {{ last_day }}) as ends_on,
        lead(coalesce(valid_from, {{ first_day }})) over (
            partition by team_id
            order by coalesce(valid_from, {{ first_day }}), source_line
        ) as next_starts_on
    from teams
    where team_id <> 'unallocated'

),

-- Where periods overlap the later one takes over.
registered as (

    select
        team_id,
        team_name,
        cost_center_id,
        parent_team_id,
        company_id,
        starts_on as valid_from,
        least(ends_on, coalesce(next_starts_on, {{ last_day }})) as valid_to
    from ordered
    where ends_on > starts_on
        and coalesce(next_starts_on, {{ last_day }}) > starts_on

),

neighbours as (

    select
        *,
        lag(valid_to) over (partition by team_id order by valid_from) as previous_valid_to,
        lead(valid_from) over (partition by team_id order by valid_from) as next_valid_from
    from registered

),

gaps as (

    select
        team_id,
        team_name,
        {{ first_day }} as valid_from,
        valid_from as valid_to
    from neighbours
    where previous_valid_to is null
        and valid_from > {{ first_day }}
    union all
    select
        team_id,
        team_name,
        valid_to as valid_from,
        coalesce(next_valid_from, {{ last_day }}) as valid_to
    from neighbours
    where valid_to < coalesce(next_valid_from, {{ last_day }})

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
        true as is_registered
    from registered

    union all

    select
        team_id,
        team_name,
        cast(null as {{ dbt.type_string() }}) as cost_center_id,
        cast(null as {{ dbt.type_string() }}) as parent_team_id,
        cast(null as {{ dbt.type_string() }}) as company_id,
        valid_from,
        valid_to,
        true as is_registered
    from gaps

    union all

    select
        named.team_id,
        named.team_id as team_name,
        cast(null as {{ dbt.type_string() }}) as cost_center_id,
        cast(null as {{ dbt.type_string() }}) as parent_team_id,
        cast(null as {{ dbt.type_string() }}) as company_id,
        {{ first_day }} as valid_from,
        {{ last_day }} as valid_to,
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
        cast(null as {{ dbt.type_string() }}) as company_id,
        {{ first_day }} as valid_from,
        {{ last_day }} as valid_to,
        true as is_registered

)

select * from final
