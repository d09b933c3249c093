{#
    The shape in which signals of AI that nobody may have signed off meet; docs/decisions/shadow_findings.md.
#}

{# Column to type of a signal; `text` is the engine's own. #}
{% macro shadow_signal_shape() %}
    {{ return({
        'source_name': 'text', 'load_unit_id': 'text', 'source_line': 'bigint', 'usage_date': 'date',
        'signal_family': 'text', 'signal_kind': 'text', 'ai_service_id': 'text', 'match_confidence': 'text', 'is_use': 'boolean',
        'team_id': 'text', 'owner_basis': 'text', 'actor_kind': 'text', 'actor_id': 'text', 'plan_name': 'text',
        'service_provider_name': 'text', 'billing_account_id': 'text', 'sub_account_id': 'text', 'credential_id': 'text',
        'call_count': 'bigint', 'uploaded_bytes': 'bigint', 'scope_tier': 'text',
        'cost_currency': 'text', 'billed_cost': 'decimal(38, 12)', 'card_cost': 'decimal(38, 12)', 'estimated_cost': 'decimal(38, 12)',
        'estimate_basis': 'text',
    }) }}
{% endmacro %}

{# The select list of a signal: its columns by name, as expressions; what is not named is null. #}
{% macro conformed_shadow_signal(columns) -%}
    {%- set shape = shadow_signal_shape() -%}
    {%- set defaults = {'match_confidence': "'high'", 'is_use': 'true'} -%}
    {%- for name in columns if name not in shape -%}
        {{ exceptions.raise_compiler_error('No column ' ~ name ~ ' in a shadow signal: see macros/conform_shadow.sql.') }}
    {%- endfor -%}
    {%- for name, type in shape.items() %}
    {{ typed(columns.get(name, defaults.get(name)), type) }} as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# The key of a finding: the same for the same team, service and kind in every build. #}
{% macro shadow_finding_id(row) -%}
    md5(concat_ws('|', {{ row }}.team_id, {{ row }}.ai_service_id, {{ row }}.finding_kind))
{%- endmacro %}
