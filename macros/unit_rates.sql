{# What one of so many costs, or a thousand of them: a rate. NULL where there are no units. #}
{% macro unit_rate(amount, unit_count, unit_size) -%}
    case
        when {{ unit_size }} = 1000 then {{ rate_of(amount, unit_count, 1000) }}
        else {{ rate_of(amount, unit_count) }}
    end
{%- endmacro %}
