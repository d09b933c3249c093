-- Three views of the same spend, and the closed list of causes. Every cause but `unexplained` is computed from
-- evidence; what is left stays in sight. Cash and accrual stand side by side: docs/decisions/reconciliation.md.
with lines as (

    select * from {{ ref('int_reconciliation_lines') }}

),

final as (

    select
        {%- for name in line_columns() %}
        {{ name }},
        {%- endfor %}
        is_billed,
        invoice_cost,
        effective_cost,
        invoice_tokens,
        provider_usage_tokens,
        provider_usage_estimated_cost,
        metered_tokens,
        metered_estimated_cost,
        {%- for cause in reconciliation_causes() %}
        {{ cause }}_cost,
        {%- endfor %}
        unexplained_cost,
        {%- for cause in causes_by_cost_basis() %}
        effective_{{ cause }}_cost,
        {%- endfor %}
        effective_unexplained_cost
    from lines

)

select * from final
