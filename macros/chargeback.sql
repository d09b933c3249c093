{# Who sells what a chargeback fee pays for: the organisation itself. #}
{% macro fee_provider_name() -%}
    'Internal chargeback'
{%- endmacro %}
