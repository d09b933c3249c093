{# First day of the month of a moment or date. #}
{% macro month_of(moment) -%}
    cast(date_trunc('month', {{ moment }}) as date)
{%- endmacro %}

{# A month as a number that goes up by one from month to month. #}
{% macro month_number(month) -%}
    cast(extract(year from {{ month }}) * 12 + extract(month from {{ month }}) as bigint)
{%- endmacro %}
