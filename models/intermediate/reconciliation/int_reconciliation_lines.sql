{{ config(materialized='table') }}

-- The three views of each line side by side, and the causes that the evidence of it sums to.
with billed_months as (

    select distinct billing_month, service_provider_name, billing_account_id, billing_currency
    from {{ ref('int_billed_lines') }}

),

{% set measures = {
    'invoice_cost': 'decimal(38, 12)', 'effective_cost': 'decimal(38, 12)', 'invoice_tokens': 'bigint',
    'provider_usage_tokens': 'bigint', 'provider_usage_estimated_cost': 'decimal(38, 12)',
    'metered_tokens': 'bigint', 'metered_estimated_cost': 'decimal(38, 12)',
} %}
{% set views = {
    'int_billed_lines': ({'invoice_cost': 'billed_cost', 'effective_cost': 'effective_cost', 'invoice_tokens': 'tokens'}, 'true'),
    'int_reported_lines_day': (
        {'provider_usage_tokens': 'tokens', 'provider_usage_estimated_cost': 'estimated_cost'}, 'tokens is not null'
    ),
    'int_metered_lines_day': (
        {'metered_tokens': 'tokens', 'metered_estimated_cost': 'estimated_cost'}, "traffic_kind = 'metered'"
    ),
} %}

views as (

    {% for model, (own, condition) in views.items() %}
    select
        {{ line_columns() | join(',\n        ') }},
        {%- for name, type in measures.items() %}
        cast({{ own.get(name, 'null') }} as {{ type }}) as {{ name }},
        {%- endfor %}
        cast(null as {{ dbt.type_string() }}) as cause,
        cast(null as decimal(38, 12)) as evidence_cost,
        cast(null as decimal(38, 12)) as effective_evidence_cost
    from {{ ref(model) }}
    where {{ condition }}
    union all
    {% endfor %}
    select
        {{ line_columns() | join(',\n        ') }},
        {%- for name, type in measures.items() %}
        cast(null as {{ type }}) as {{ name }},
        {%- endfor %}
        cause,
        evidence_cost,
        effective_evidence_cost
    from {{ ref('int_reconciliation_evidence') }}

),

grouped as (

    select
        {{ line_columns() | join(',\n        ') }},
        {%- for cause in reconciliation_causes() %}
        cast(coalesce(sum(case when cause = '{{ cause }}' then evidence_cost end), 0) as decimal(38, 12)) as {{ cause }}_cost,
        cast(coalesce(sum(case when cause = '{{ cause }}' then effective_evidence_cost end), 0) as decimal(38, 12))
            as effective_{{ cause }}_cost,
        {%- endfor %}
        cast(coalesce(sum(evidence_cost), 0) as decimal(38, 12)) as explained_cost,
        cast(coalesce(sum(effective_evidence_cost), 0) as decimal(38, 12)) as effective_explained_cost,
        {%- for name, type in measures.items() if name != 'metered_estimated_cost' %}
        cast(sum({{ name }}) as {{ type }}) as {{ name }},
        {%- endfor %}
        cast(sum(metered_estimated_cost) as decimal(38, 12)) as metered_estimated_cost
    from views
    group by
        {{ line_columns() | join(',\n        ') }}

),

final as (

    select
        grouped.*,
        billed_months.billing_month is not null as is_billed,
        cast(coalesce(grouped.invoice_cost, 0) - grouped.explained_cost as decimal(38, 12)) as unexplained_cost,
        cast(coalesce(grouped.effective_cost, 0) - grouped.effective_explained_cost as decimal(38, 12)) as effective_unexplained_cost
    from grouped
    left join billed_months
        on grouped.billing_month = billed_months.billing_month
        and grouped.service_provider_name = billed_months.service_provider_name
        and grouped.billing_account_id = billed_months.billing_account_id
        and grouped.billing_currency = billed_months.billing_currency

)

select * from final
