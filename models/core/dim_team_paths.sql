-- Each team's way up, unrolled: Spark knows no recursion. Teams that stand above themselves, or below more
-- levels than these, are refused when teams.csv is loaded (pipelines/sources/org/teams.py).
{% set most_levels = most_team_levels() %}

with teams as (

    select * from {{ ref('dim_teams') }}

),

ways_up as (

    select
        team_0.team_id,
        team_0.parent_team_id,
        {% for above in range(1, most_levels) -%}
        team_{{ above }}.team_id as above_{{ above }}_team_id,
        {% endfor -%}
        team_{{ most_levels - 1 }}.parent_team_id is null as is_complete,
        {{ of_team_levels('greatest', 'valid_from', most_levels) }} as valid_from,
        {{ of_team_levels('least', 'valid_to', most_levels) }} as valid_to
    from teams as team_0
    {% for above in range(1, most_levels) -%}
    left join teams as team_{{ above }}
        on team_{{ above - 1 }}.parent_team_id = team_{{ above }}.team_id
        and team_{{ above }}.valid_from < {{ of_team_levels('least', 'valid_to', above) }}
        and team_{{ above }}.valid_to > {{ of_team_levels('greatest', 'valid_from', above) }}
    {% endfor %}

),

counted as (

    select
        *,
        cast(
            1
            {% for above in range(1, most_levels) -%}
            + case when above_{{ above }}_team_id is not null then 1 else 0 end
            {% endfor -%}
            as integer
        ) as team_level
    from ways_up

),

-- From the root down: the same column means the same level for every team.
from_the_root as (

    select
        team_id,
        parent_team_id,
        team_level,
        {% for level in range(1, most_levels + 1) -%}
        case team_level - {{ level }}
            when 0 then team_id
            {% for above in range(1, most_levels - level + 1) -%}
            when {{ above }} then above_{{ above }}_team_id
            {% endfor -%}
        end as level_{{ level }}_team_id,
        {% endfor -%}
        is_complete,
        valid_from,
        valid_to
    from counted

),

final as (

    select
        team_id,
        parent_team_id,
        level_1_team_id as root_team_id,
        {{ team_path() }} as team_path,
        {% for level in range(1, most_levels + 1) -%}
        level_{{ level }}_team_id,
        {% endfor -%}
        team_level,
        is_complete,
        valid_from,
        valid_to
    from from_the_root

)

select * from final
