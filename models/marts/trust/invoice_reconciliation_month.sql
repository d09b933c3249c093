-- Three views of the same spend, and the closed list of causes. Every cause but `unexplained` is computed from
-- evidence; what is left stays in sight. Cash and accrual stand side by side: docs/decisions/reconciliation.md.
with lines as (

    select * from {{ ref('int_reconciliation_lines') }}

),

statuses as (

    select * from {{ ref('int_reconciliation_status') }}

),

final as (

    select
        {%- for name in line_columns() %}
        lines.{{ name }},
        {%- endfor %}
        lines.is_billed,
        -- A month without a bill waits for it.
        coalesce(statuses.reconciliation_status, 'open') as reconciliation_status,
        statuses.tolerance_cost,
        statuses.signed_off_by,
        statuses.signed_off_on,
        statuses.sign_off_reason,
        coalesce(statuses.has_lapsed_sign_off, false) as has_lapsed_sign_off,
        lines.invoice_cost,
        lines.effective_cost,
        lines.invoice_tokens,
        lines.provider_usage_tokens,
        lines.provider_usage_estimated_cost,
        lines.metered_tokens,
        lines.metered_estimated_cost,
        {%- for cause in reconciliation_causes() %}
        lines.{{ cause }}_cost,
        {%- endfor %}
        lines.unexplained_cost,
        {%- for cause in causes_by_cost_basis() %}
        lines.effective_{{ cause }}_cost,
        {%- endfor %}
        lines.effective_unexplained_cost
    from lines
    left join statuses
        on {{ same_line('lines', 'statuses') }}

)

select * from final
