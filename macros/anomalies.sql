{#
    What is looked at, and from when on it matters. `by_ratio`: a day is held against its expectation by their ratio, as costs
    grow by factors, and needs to be some multiple of it; else by their difference. `floor` is the least spread of a series:
    a steadier one is not believed. `least_change` is in the measure's own unit, `least_volume` of what the measure counts:
    tokens, input tokens or calls.
#}
{% macro anomaly_measures() -%}
    {{ return({
        'cost': {'by_ratio': true, 'floor': 0.10, 'least_change': var('anomaly_least_cost'), 'least_volume': 0},
        'tokens': {'by_ratio': true, 'floor': 0.10, 'least_change': 100000, 'least_volume': 0},
        'unit_price': {'by_ratio': true, 'floor': 0.05, 'least_change': 0, 'least_volume': 100000},
        'cache_ratio': {'by_ratio': false, 'floor': 0.02, 'least_change': 0.1, 'least_volume': 100000},
        'error_rate': {'by_ratio': false, 'floor': 0.01, 'least_change': 0.05, 'least_volume': 50},
    }) }}
{%- endmacro %}

{#
    How many spreads from its expectation a day is an anomaly. The spread is taken of the days that the
    medians are of, and is the smaller for it; chosen on made-up series (benchmarks/anomalies.py), other seeds than
    those that are reported.
#}
{% macro anomaly_score() -%}
    {{ return(7) }}
{%- endmacro %}

{# Days that are looked at, and days before each that say what to expect. #}
{% macro anomaly_days() -%}
    {{ return(92) }}
{%- endmacro %}

{% macro anomaly_history_days() -%}
    {{ return(28) }}
{%- endmacro %}

{# One property of each measure, by the measure's name in `column`. #}
{% macro of_measure(column, name) -%}
    case {{ column }}
        {%- for measure, properties in anomaly_measures().items() %}
        when '{{ measure }}' then {{ properties[name] if properties[name] is boolean else 'cast(' ~ properties[name] ~ ' as decimal(38, 12))' }}
        {%- endfor %}
    end
{%- endmacro %}

{# A share, or a rate, as a measure's value: no division where there is nothing below the line. #}
{% macro measure_share(part, whole) -%}
    cast({{ share_of(part, whole) }} as decimal(38, 12))
{%- endmacro %}

{# By which factor, as a natural logarithm, two values differ, both raised by a twentieth of what is usual: nothing has no factor. #}
{% macro log_ratio(value, expected, level) -%}
    ln(
        (greatest(cast({{ value }} as double), 0) + 0.05 * abs({{ level }}) + 0.000000000001)
        / (greatest(cast({{ expected }} as double), 0) + 0.05 * abs({{ level }}) + 0.000000000001)
    )
{%- endmacro %}

{# Where log_ratio would say that a day is as far from its expectation as an anomaly, below (`-`) or above. #}
{% macro range_end(row, sign) -%}
    (greatest(cast({{ row }}.expected_value as double), 0) + 0.05 * abs({{ row }}.level_value)) * exp({{ sign }}{{ anomaly_score() }} * {{ row }}.spread)
            - 0.05 * abs({{ row }}.level_value)
{%- endmacro %}
