{# What one of so many costs, or a thousand of them: a rate. NULL where it cannot be told: no units, or more money than 38 digits divide. #}
{% macro unit_rate(amount, unit_count, unit_size) -%}
    case
        when abs({{ amount }}) >= 10000000000000 then cast(null as decimal(38, 12))
        when {{ unit_size }} = 1000 then {{ rate_of(amount, unit_count, 1000) }}
        else {{ rate_of(amount, unit_count) }}
    end
{%- endmacro %}
