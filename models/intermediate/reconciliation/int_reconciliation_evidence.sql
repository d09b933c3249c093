{{ config(materialized='table') }}

-- All evidence of all causes, of the months that have a bill: what explains nothing yet is left out.
-- What was counted, on the way or by the provider, is the same for cash and accrual; the bill's own lines
-- say both.
{% set columns = [
    'cause', 'evidence_date', 'source_name', 'credential_id', 'first_load_unit_id', 'record_count', 'evidence_tokens',
    'evidence_cost',
] %}
{% set sources = {
    'int_traffic_evidence': {'effective_evidence_cost': 'evidence_cost'},
    'int_billed_evidence': {},
    'int_price_evidence': {
        'cause': "'price_book'", 'credential_id': 'cast(null as ' ~ dbt.type_string() ~ ')',
    },
} %}

with evidence as (

    {% for model, own in sources.items() %}
    select
        {{ line_columns() | join(',\n        ') }},
        {%- for name in columns %}
        {{ own[name] ~ ' as ' if name in own }}{{ name }},
        {%- endfor %}
        {{ own.get('effective_evidence_cost', 'effective_evidence_cost') }} as effective_evidence_cost
    from {{ ref(model) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

billed_months as (

    select distinct billing_month, service_provider_name, billing_account_id, billing_currency
    from {{ ref('int_billed_lines') }}

),

final as (

    select
        {%- for name in line_columns() %}
        evidence.{{ name }},
        {%- endfor %}
        {%- for name in columns %}
        evidence.{{ name }},
        {%- endfor %}
        evidence.effective_evidence_cost
    from evidence
    inner join billed_months
        on evidence.billing_month = billed_months.billing_month
        and evidence.service_provider_name = billed_months.service_provider_name
        and evidence.billing_account_id = billed_months.billing_account_id
        and evidence.billing_currency = billed_months.billing_currency

)

select * from final
