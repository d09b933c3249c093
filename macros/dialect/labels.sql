{#
    The last labels of a host's name, as many as are asked for; the whole name where it has fewer. So a
    suffix of a domain is found by an equality, and at a point between labels only.
#}
{% macro last_labels(host, label_count) -%}
    {{ return(adapter.dispatch('last_labels')(host, label_count)) }}
{%- endmacro %}

{% macro default__last_labels(host, label_count) -%}
    array_to_string(string_split({{ host }}, '.')[-{{ label_count }}:], '.')
{%- endmacro %}

{% macro spark__last_labels(host, label_count) -%}
    substring_index({{ host }}, '.', -{{ label_count }})
{%- endmacro %}
