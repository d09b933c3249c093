{#
    The shape in which traffic out of the network meets: counted at the door, pipelines/sources/egress.py.
#}

{# Column to type of the traffic of an hour or a day; `text` is the engine's own. #}
{% macro egress_shape() %}
    {{ return({
        'source_name': 'text', 'load_unit_id': 'text', 'source_line': 'bigint', '_dlt_load_id': 'text',
        'usage_date': 'date', 'period_start': 'timestamp', 'is_listed': 'boolean', 'signal_kind': 'text',
        'host_kind': 'text', 'host': 'text', 'action': 'text', 'actor_kind': 'text',
        'actor_id': 'text', 'department_name': 'text', 'location_name': 'text', 'actor_count': 'bigint',
        'record_count': 'bigint', 'request_count': 'bigint', 'uploaded_bytes': 'bigint', 'downloaded_bytes': 'bigint',
        'first_seen_at': 'timestamp', 'last_seen_at': 'timestamp',
    }) }}
{% endmacro %}

{# The select list of a source's counts: every source of traffic writes the same columns. #}
{% macro conformed_egress(source_name) -%}
    {%- set own = {'source_name': "'" ~ source_name ~ "'", 'usage_date': 'period_start'} -%}
    {%- for name, type in egress_shape().items() %}
    {{ typed(own.get(name, name), type) }} as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
