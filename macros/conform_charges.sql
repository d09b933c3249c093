{# The shape in which bills meet; docs/architecture.md, section 3. What a source does not name is null. #}

{# Column to type of a charge; `text` is the engine's own. #}
{% macro charge_shape() %}
    {{ return({
        'source_name': 'text', 'load_unit_id': 'text', 'source_line': 'bigint', '_dlt_load_id': 'text',
        'charge_id': 'text', 'service_provider_name': 'text', 'host_provider_name': 'text',
        'invoice_issuer_name': 'text', 'billing_account_id': 'text', 'billing_account_name': 'text',
        'sub_account_id': 'text', 'sub_account_name': 'text', 'invoice_id': 'text',
        'billing_period_start': 'timestamp', 'billing_period_end': 'timestamp',
        'charge_period_start': 'timestamp', 'charge_period_end': 'timestamp',
        'charge_category': 'text', 'charge_class': 'text', 'charge_description': 'text',
        'service_category': 'text', 'service_name': 'text', 'sku_id': 'text', 'sku_meter': 'text',
        'sku_price_id': 'text', 'region_id': 'text', 'resource_id': 'text', 'resource_name': 'text',
        'credential_id': 'text', 'model_name': 'text', 'token_class': 'text', 'service_tier': 'text',
        'context_tier': 'text', 'consumed_quantity': 'decimal(38, 12)', 'consumed_unit': 'text',
        'pricing_quantity': 'decimal(38, 12)', 'pricing_unit': 'text', 'billing_currency': 'text',
        'billed_cost': 'decimal(38, 12)', 'effective_cost': 'decimal(38, 12)',
        'list_cost': 'decimal(38, 12)', 'contracted_cost': 'decimal(38, 12)',
        'pricing_category': 'text', 'pricing_currency': 'text', 'pricing_currency_effective_cost': 'decimal(38, 12)',
        'commitment_discount_id': 'text', 'commitment_discount_name': 'text', 'commitment_discount_category': 'text',
        'commitment_discount_type': 'text', 'commitment_discount_status': 'text',
        'commitment_discount_quantity': 'decimal(38, 12)', 'commitment_discount_unit': 'text', 'tags': 'text',
        'quarantine_reason': 'text',
    }) }}
{% endmacro %}

{#
    The select list of a charge: its columns by name, as expressions. `source_name`, `service_provider_name`,
    `billing_account_id`, `charge_period_start`, `charge_period_end`, `billing_currency` and
    `billed_cost` are needed. The billing period is the calendar month unless named; where it alone is
    named the charge is for all of it. `key`: SQL that tells apart several charges of one line, as a tax
    beside its amount.
#}
{% macro conformed_charge(columns, key=none) -%}
    {%- set shape = charge_shape() -%}
    {%- for name in columns if name not in shape -%}
        {{ exceptions.raise_compiler_error('No column ' ~ name ~ ' in a conformed charge: see macros/conform_charges.sql.') }}
    {%- endfor -%}
    {%- set month = "date_trunc('month', " ~ columns.get('charge_period_start', columns.get('billing_period_start')) ~ ")" -%}
    {%- set line = "load_unit_id || '|' || cast(source_line as " ~ dbt.type_string() ~ ")" -%}
    {%- set defaults = {
        'load_unit_id': 'load_unit_id', 'source_line': 'source_line', '_dlt_load_id': '_dlt_load_id',
        'charge_id': 'md5(' ~ columns.source_name ~ " || '|' || " ~ line ~ (" || coalesce('|' || " ~ key ~ ", '')" if key else '') ~ ')',
        'host_provider_name': columns.service_provider_name,
        'invoice_issuer_name': columns.service_provider_name,
        'billing_period_start': month, 'billing_period_end': month ~ ' + interval 1 month',
        'charge_period_start': columns.get('billing_period_start'),
        'charge_period_end': columns.get('billing_period_end'),
        'charge_category': "'Usage'", 'service_category': "'AI and Machine Learning'",
        'effective_cost': columns.billed_cost, 'tags': "'{}'",
    } -%}
    {%- for name, type in shape.items() %}
    {{ typed(columns.get(name, defaults.get(name)), type) }} as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# The tags of a charge that is of a person, as JSON; a user's name may be any text. #}
{% macro user_tags(user) -%}
    {%- set opening, closing = '{"user":"', '"}' -%}
    coalesce(
        '{{ opening }}'
        || replace(replace({{ user }}, chr(92), chr(92) || chr(92)), chr(34), chr(92) || chr(34))
        || '{{ closing }}',
        '{}'
    )
{%- endmacro %}
