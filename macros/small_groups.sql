{#
    What readers may see of a group of persons: docs/decisions/small_groups.md. Below `smallest_group` nothing is shown from which a reader could
    tell how many they are, or what one of them did when: money moves to the line `suppressed`, counts are null, days are months.
#}

{# Stands for teams, services, files or persons whose groups are too small to be named. #}
{% macro suppressed() -%}'suppressed'{%- endmacro %}

{#
    Whether few persons are behind a row: `counts` are of persons and of devices and addresses, which may be persons. A row that is about persons and
    knows none of them counts as few; what is about keys or bills (`about_persons` is false) is no group.
#}
{% macro is_few(counts, about_persons='true') -%}
    ({{ about_persons }} and greatest({{ counts | join(', ') }}, 0) < {{ var('smallest_group') }})
{%- endmacro %}

{# A count of persons, devices or addresses; NULL below the smallest group. #}
{% macro count_of_many(count) -%}
    case when {{ count }} >= {{ var('smallest_group') }} then {{ count }} end
{%- endmacro %}

{# A measure of what they did; NULL where they are few. #}
{% macro unless_few(few, measure) -%}
    case when not {{ few }} then {{ measure }} end
{%- endmacro %}

{# The day; where they are few, the first day of its month. #}
{% macro day_unless_few(few, day) -%}
    case when {{ few }} then {{ month_of(day) }} else {{ day }} end
{%- endmacro %}
