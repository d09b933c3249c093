{% set shown = 50 %}
{% set evidence_columns = ['evidence_date', 'source_name', 'credential_id', 'first_load_unit_id'] %}

-- Down from a cause to what it was computed from. Of each line and cause the largest groups stand by themselves,
-- the others are one row, so that the sum is the cause and a publication stays small.
with evidence as (

    select * from {{ ref('int_reconciliation_evidence') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by {% for name in line_columns() %}{{ name }}, {% endfor %}cause
            order by
                abs(coalesce(evidence_cost, 0)) desc, abs(coalesce(effective_evidence_cost, 0)) desc,
                abs(coalesce(evidence_tokens, 0)) desc, evidence_date, source_name nulls last, credential_id nulls last,
                first_load_unit_id nulls last
        ) as place
    from evidence

),

final as (

    select
        {{ line_columns() | join(',\n        ') }},
        cause,
        cast(least(place, {{ shown + 1 }}) as bigint) as evidence_place,
        cast(count(*) as bigint) as evidence_count,
        {%- for name in evidence_columns %}
        case when min(place) <= {{ shown }} then min({{ name }}) end as {{ name }},
        {%- endfor %}
        min(evidence_date) as first_evidence_date,
        max(evidence_date) as last_evidence_date,
        cast(sum(record_count) as bigint) as record_count,
        cast(sum(evidence_tokens) as bigint) as evidence_tokens,
        cast(coalesce(sum(evidence_cost), 0) as decimal(38, 12)) as evidence_cost,
        cast(coalesce(sum(effective_evidence_cost), 0) as decimal(38, 12)) as effective_evidence_cost
    from ranked
    group by
        {{ line_columns() | join(',\n        ') }},
        cause,
        least(place, {{ shown + 1 }})

)

select * from final
