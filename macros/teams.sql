{# How many teams may stand above one another, the root with them; as many as pipelines/sources/org/teams.py lets in. #}
{% macro most_team_levels() -%}
    {{ return(8) }}
{%- endmacro %}

{# The last (`greatest`) or the first (`least`) of a day of the first `count` joined levels; both engines want two or more to choose from. #}
{% macro of_team_levels(choice, column, count) -%}
    {%- if count > 1 -%}{{ choice }}({%- endif -%}
    {%- for above in range(count) -%}team_{{ above }}.{{ column }}{{ ', ' if not loop.last }}{%- endfor -%}
    {%- if count > 1 -%}){%- endif -%}
{%- endmacro %}

{# The ids of a way from the root down, as people read them. #}
{% macro team_path() -%}
    concat_ws(' / '
    {%- for level in range(1, most_team_levels() + 1) %}, level_{{ level }}_team_id{% endfor -%}
    )
{%- endmacro %}
