-- A system has several lines, each with a name and who answers for it. Of the lines in force on a day the one that began last
-- says both; days of one answer are one period.
{% set first_day = "cast('1970-01-01' as date)" %}
{% set last_day = "cast('9999-12-31' as date)" %}

with ai_systems as (

    select
        ai_system_id,
        coalesce(ai_system_name, ai_system_id) as ai_system_name,
        team_id,
        member_kind,
        member_key,
        coalesce(valid_from, {{ first_day }}) as valid_from,
        coalesce(valid_to, {{ last_day }}) as valid_to,
        source_line
    from {{ ref('stg_org__ai_systems') }}

),

ends as (

    select ai_system_id, valid_from as edge_date from ai_systems
    union
    select ai_system_id, valid_to as edge_date from ai_systems

),

spans as (

    select
        ai_system_id,
        edge_date as starts_on,
        lead(edge_date) over (partition by ai_system_id order by edge_date) as ends_on
    from ends

),

said as (

    select
        spans.ai_system_id,
        spans.starts_on,
        spans.ends_on,
        ai_systems.ai_system_name,
        ai_systems.team_id,
        row_number() over (
            partition by spans.ai_system_id, spans.starts_on
            order by ai_systems.valid_from desc, ai_systems.source_line
        ) as place
    from spans
    inner join ai_systems
        on spans.ai_system_id = ai_systems.ai_system_id
        and spans.starts_on >= ai_systems.valid_from
        and spans.ends_on <= ai_systems.valid_to

),

neighbours as (

    select
        *,
        lag(ai_system_name) over (partition by ai_system_id order by starts_on) as previous_name,
        lag(team_id) over (partition by ai_system_id order by starts_on) as previous_team_id,
        lag(ends_on) over (partition by ai_system_id order by starts_on) as previous_ends_on
    from said
    where place = 1

),

numbered as (

    select
        *,
        sum(
            case
                when ai_system_name = previous_name and team_id = previous_team_id and starts_on = previous_ends_on then 0
                else 1
            end
        ) over (partition by ai_system_id order by starts_on rows between unbounded preceding and current row) as period_number
    from neighbours

),

periods as (

    select
        ai_system_id,
        ai_system_name,
        team_id,
        min(starts_on) as valid_from,
        max(ends_on) as valid_to
    from numbered
    group by ai_system_id, ai_system_name, team_id, period_number

),

final as (

    select
        periods.ai_system_id,
        periods.ai_system_name,
        periods.team_id,
        periods.valid_from,
        periods.valid_to,
        cast(count(*) as bigint) as member_count
    from periods
    inner join ai_systems
        on periods.ai_system_id = ai_systems.ai_system_id
        and periods.valid_from < ai_systems.valid_to
        and periods.valid_to > ai_systems.valid_from
    group by periods.ai_system_id, periods.ai_system_name, periods.team_id, periods.valid_from, periods.valid_to

)

select * from final
