{{ config(materialized='table') }}

-- What was counted on the way and by the provider, cause by cause: tokens, and the estimate that they bear in
-- the bill's currency. The sum over the causes is what was seen of a line, at our prices.
{% set dimensions = line_columns() + ['cause', 'evidence_date', 'source_name', 'credential_id'] %}

with found as (

    select
        {{ line_columns() | join(',\n        ') }},
        case traffic_kind when 'metered' then 'metered' else 'duplicate' end as cause,
        usage_date as evidence_date,
        source_name,
        cast(null as {{ dbt.type_string() }}) as credential_id,
        first_load_unit_id,
        request_count as record_count,
        case traffic_kind when 'metered' then tokens else -tokens end as evidence_tokens,
        case traffic_kind when 'metered' then estimated_cost else -estimated_cost end as evidence_cost
    from {{ ref('int_metered_lines_day') }}
    where traffic_kind in ('metered', 'duplicate')
    union all
    select
        {{ line_columns() | join(',\n        ') }},
        'bypassed_gateway' as cause,
        usage_date as evidence_date,
        source_name,
        credential_id,
        first_load_unit_id,
        cast(null as bigint) as record_count,
        tokens as evidence_tokens,
        estimated_cost as evidence_cost
    from {{ ref('int_reported_lines_day') }}
    where is_bypassing
        and not is_billed_elsewhere
        and tokens is not null
    union all
    {% for model, cause, tokens, cost, unit, count in [
        ('int_count_differences', 'failed_or_retried', '-uncounted_failed_tokens',
         '-' ~ cost_of_tokens('failed_cost', 'uncounted_failed_tokens', 'failed_tokens'), 'first_load_unit_id', none),
        ('int_retried_calls', 'failed_or_retried', 'retried_tokens', 'retried_cost', 'first_load_unit_id', 'record_count'),
        ('int_month_boundary_moves', 'time_boundary', 'moved_tokens', 'moved_cost', none, none),
        ('int_count_moves', 'served_tier', 'tier_tokens', 'tier_cost', none, none),
        ('int_count_moves', 'cache_semantics', 'cache_tokens', 'cache_cost', none, none),
    ] %}
    select
        {{ line_columns() | join(',\n        ') }},
        '{{ cause }}' as cause,
        counted_date as evidence_date,
        cast(null as {{ dbt.type_string() }}) as source_name,
        cast(null as {{ dbt.type_string() }}) as credential_id,
        cast({{ unit or 'null' }} as {{ dbt.type_string() }}) as first_load_unit_id,
        cast({{ count or 'null' }} as bigint) as record_count,
        {{ tokens }} as evidence_tokens,
        {{ cost }} as evidence_cost
    from {{ ref(model) }}
    where {{ tokens }} <> 0
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

final as (

    select
        {{ dimensions | join(',\n        ') }},
        min(first_load_unit_id) as first_load_unit_id,
        cast(sum(record_count) as bigint) as record_count,
        cast(sum(evidence_tokens) as bigint) as evidence_tokens,
        cast(sum(evidence_cost) as decimal(38, 12)) as evidence_cost
    from found
    group by
        {{ dimensions | join(',\n        ') }}

)

select * from final
