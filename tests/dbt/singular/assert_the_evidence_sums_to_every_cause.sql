-- Down from a line to its evidence nothing is lost and nothing comes: cause by cause, on both bases.
with evidence as (

    select
        {%- for name in line_columns() %}
        {{ name }},
        {%- endfor %}
        {%- for cause in reconciliation_causes() %}
        sum(case when cause = '{{ cause }}' then evidence_cost else 0 end) as {{ cause }}_cost,
        sum(case when cause = '{{ cause }}' then effective_evidence_cost else 0 end) as effective_{{ cause }}_cost
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('reconciliation_evidence_month') }}
    group by
        {%- for name in line_columns() %}
        {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}

)

select lines.*
from {{ ref('invoice_reconciliation_month') }} as lines
full outer join evidence
    on {{ same_line('lines', 'evidence') }}
where lines.billing_month is null
    {%- for cause in reconciliation_causes() %}
    or coalesce(evidence.{{ cause }}_cost, 0) <> lines.{{ cause }}_cost
    {%- if cause in causes_by_cost_basis() %}
    or coalesce(evidence.effective_{{ cause }}_cost, 0) <> lines.effective_{{ cause }}_cost
    {%- endif %}
    {%- endfor %}
