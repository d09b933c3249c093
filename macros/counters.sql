{#
    What a counter counted between two samples: it starts again at zero with its process, so that
    after a restart all that it says is new, also where that is more than it said before.
#}
{% macro counter_increase(value, previous_value, is_restarted) -%}
    case
        when {{ is_restarted }} or {{ value }} < {{ previous_value }} then {{ value }}
        else {{ value }} - {{ previous_value }}
    end
{%- endmacro %}

{# Columns that tell an engine from every other one. #}
{% macro engine_columns() -%}
    {{ return('source_name, pool_id, instance_id, host_id, pod_id, node_id, engine_id, model_name') }}
{%- endmacro %}
