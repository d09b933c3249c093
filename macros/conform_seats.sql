{#
    The shapes in which seats meet, and what persons used of tools by the tools' own reports;
    docs/architecture.md, section 3. What a source does not name is null.
#}

{# Column to type of a seat as one list or register line saw it in one month; `text` is the engine's own. #}
{% macro seat_shape() %}
    {{ return({
        'source_name': 'text', 'load_unit_id': 'text', 'source_line': 'bigint', '_dlt_load_id': 'text',
        'service_provider_name': 'text', 'billing_account_id': 'text', 'billing_month': 'date',
        'user_id': 'text', 'plan_name': 'text', 'seat_count': 'bigint', 'assignment_count': 'bigint',
        'seen_from': 'date', 'seen_to': 'date', 'tells_activity': 'boolean', 'last_activity_at': 'timestamp',
        'seat_cost': 'decimal(38, 12)', 'seat_cost_currency': 'text',
    }) }}
{% endmacro %}

{# The select list of a seat: its columns by name, as expressions. #}
{% macro conformed_seat(columns) -%}
    {{ conformed('a conformed seat', seat_shape(), columns, {
        'billing_account_id': "'unknown'", 'seat_count': '1', 'assignment_count': '1', 'tells_activity': 'false',
    }) }}
{%- endmacro %}

{# Column to type of what a person used of a tool, before and behind the token classes. #}
{% macro tool_usage_shape() %}
    {{ return({
        'source_name': 'text', 'load_unit_id': 'text', 'source_line': 'bigint', '_dlt_load_id': 'text',
        'service_provider_name': 'text', 'seat_provider_name': 'text', 'billing_account_id': 'text', 'vendor_account_id': 'text',
        'usage_date': 'date', 'user_id': 'text', 'report_scope': 'text', 'product_name': 'text',
        'customer_type': 'text', 'model_name': 'text', 'tells_tokens': 'boolean',
    }) }}
{% endmacro %}

{% macro tool_usage_shape_after_tokens() %}
    {{ return({
        'request_count': 'bigint', 'session_count': 'bigint', 'interaction_count': 'bigint',
        'credit_quantity': 'decimal(38, 12)', 'stated_list_cost': 'decimal(38, 12)',
        'stated_cost_currency': 'text',
    }) }}
{% endmacro %}

{% macro tool_usage_columns() %}
    {% set columns = dict(tool_usage_shape()) %}
    {% for token_class in token_classes() %}
        {% do columns.update({token_class ~ '_tokens': 'bigint'}) %}
    {% endfor %}
    {% do columns.update(tool_usage_shape_after_tokens()) %}
    {{ return(columns) }}
{% endmacro %}

{#
    The select list of a person's use of a tool: columns and `tokens` by class, as expressions.
    `report_scope`: `vendor` (a report of all that the vendor sells), `product` (of one product) or
    `tool` (what the tool itself counted).
#}
{% macro conformed_tool_usage(columns, tokens={}) -%}
    {%- set shape = tool_usage_shape() -%}
    {%- set later = tool_usage_shape_after_tokens() -%}
    {%- for name in columns if name not in shape and name not in later -%}
        {{ exceptions.raise_compiler_error('No column ' ~ name ~ ' in a tool usage: see macros/conform_seats.sql.') }}
    {%- endfor -%}
    {%- set defaults = {
        'load_unit_id': 'load_unit_id', 'source_line': 'source_line', '_dlt_load_id': '_dlt_load_id',
        'billing_account_id': "'unknown'", 'seat_provider_name': columns.service_provider_name,
        'tells_tokens': 'true' if tokens else 'false',
    } -%}
    {%- for name, type in shape.items() %}
    {{ typed(columns.get(name, defaults.get(name)), type) }} as {{ name }},
    {%- endfor %}
    {%- for token_class in token_classes() %}
    cast(coalesce({{ tokens.get(token_class, '0') }}, 0) as bigint) as {{ token_class }}_tokens,
    {%- endfor %}
    {%- for name, type in later.items() %}
    {{ typed(columns.get(name), type) }} as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
