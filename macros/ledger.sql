{# The columns of a charge as bills have them, in the order of int_billed_charges. #}
{% macro charge_columns() %}
    {{ return([
        'source_name', 'load_unit_id', 'source_line', '_dlt_load_id', 'charge_id', 'service_provider_name', 'host_provider_name',
        'invoice_issuer_name', 'billing_account_id', 'billing_account_name', 'sub_account_id', 'sub_account_name', 'invoice_id',
        'billing_period_start', 'billing_period_end', 'billing_month', 'charge_period_start', 'charge_period_end', 'charge_date',
        'charge_category', 'charge_class', 'charge_description', 'service_category', 'service_name', 'sku_id', 'sku_meter',
        'sku_price_id', 'region_id', 'resource_id', 'resource_name', 'credential_id', 'model_name', 'ai_model_id', 'token_class',
        'service_tier', 'context_tier', 'context_tier_start', 'consumed_quantity', 'consumed_unit', 'pricing_quantity',
        'pricing_unit', 'billing_currency', 'billed_cost', 'effective_cost', 'list_cost', 'contracted_cost', 'pricing_category',
        'pricing_currency', 'pricing_currency_effective_cost', 'commitment_discount_id', 'commitment_discount_name',
        'commitment_discount_category', 'commitment_discount_type', 'commitment_discount_status',
        'commitment_discount_quantity', 'commitment_discount_unit', 'tags',
    ]) }}
{% endmacro %}

{# The columns of a part of a charge, in the order of int_allocated_bills. #}
{% macro allocated_charge_columns() %}
    {{ return([
        'allocated_charge_id', 'charge_id', 'source_name', 'service_provider_name', 'billing_account_id', 'sub_account_id',
        'sub_account_name', 'billing_month', 'charge_date', 'charge_category', 'charge_class', 'credential_id', 'ai_model_id',
        'token_class', 'service_tier', 'team_id', 'allocation_method', 'allocation_rule', 'allocation_share',
        'billing_currency', 'billed_cost', 'effective_cost', 'list_cost', 'contracted_cost', 'consumed_quantity',
        'consumed_unit', 'reporting_currency', 'fx_rate', 'reporting_billed_cost', 'reporting_effective_cost',
    ]) }}
{% endmacro %}

{#
    What a bill itself says of a charge, and keeps when it is sent again: charges that have all of it in common are
    compared with what was closed together. Ids of lines change with every delivery, and our names of models with ours.
#}
{% macro charge_key_columns() %}
    {{ return([
        'source_name', 'service_provider_name', 'billing_account_id', 'sub_account_id', 'invoice_id', 'origin_billing_month',
        'charge_date', 'charge_category', 'service_name', 'credential_id', 'model_name', 'token_class', 'service_tier',
        'context_tier', 'consumed_unit', 'billing_currency',
    ]) }}
{% endmacro %}

{% macro closed_id(id) -%}
    md5(concat_ws('|', 'closed', cast(billing_month as {{ dbt.type_string() }}), {{ id }}))
{%- endmacro %}
