{{ config(materialized='table') }}

-- What the bill asks for tokens that were seen, less what our prices make of the same tokens: a price that is
-- stale, negotiated or missing in the book. The count is the bill's own, or, where the bill states none and the
-- book has no price at all, the provider's report. Tokens that only one side has are no evidence of a price:
-- billed unseen or seen unbilled, they stay unexplained at the price of the side that has them.
with billed as (

    select
        {{ line_columns() | join(',\n        ') }},
        max(charge_date) as last_charge_date,
        min(source_name) as source_name,
        min(load_unit_id) as first_load_unit_id,
        cast(count(*) as bigint) as record_count,
        cast(sum(tokens) as bigint) as billed_tokens,
        cast(sum(case when tokens is not null then coalesce(contracted_cost, billed_cost) end) as decimal(38, 12)) as counted_cost,
        cast(sum(case when tokens is not null then coalesce(contracted_cost, effective_cost) end) as decimal(38, 12))
            as effective_counted_cost,
        cast(sum(case when tokens is null then coalesce(contracted_cost, billed_cost) end) as decimal(38, 12)) as uncounted_cost,
        cast(sum(case when tokens is null then coalesce(contracted_cost, effective_cost) end) as decimal(38, 12))
            as effective_uncounted_cost
    from {{ ref('int_billed_lines') }}
    where charge_kind = 'tokens'
    group by
        {{ line_columns() | join(',\n        ') }}

),

-- The exchange of currencies is a cause of its own; it is known of lines that state tokens alone.
exchanged as (

    select
        {{ line_columns() | join(',\n        ') }},
        cast(sum(evidence_cost) as decimal(38, 12)) as fx_cost
    from {{ ref('int_billed_evidence') }}
    where cause = 'fx'
    group by
        {{ line_columns() | join(',\n        ') }}

),

evidence as (

    select
        {{ line_columns() | join(',\n        ') }},
        evidence_tokens,
        evidence_cost
    from {{ ref('int_traffic_evidence') }}
    union all
    select
        {{ line_columns() | join(',\n        ') }},
        evidence_tokens,
        evidence_cost
    from {{ ref('int_billed_evidence') }}
    where cause = 'time_boundary'
        -- The leg that takes usage off the month that it was seen in.
        and evidence_tokens is not null

),

seen as (

    select
        {{ line_columns() | join(',\n        ') }},
        cast(sum(evidence_tokens) as bigint) as seen_tokens,
        cast(coalesce(sum(evidence_cost), 0) as decimal(38, 12)) as seen_cost
    from evidence
    group by
        {{ line_columns() | join(',\n        ') }}

),

reported as (

    select
        {{ line_columns() | join(',\n        ') }},
        cast(sum(tokens) as bigint) as reported_tokens
    from {{ ref('int_reported_lines_day') }}
    where tokens is not null
    group by
        {{ line_columns() | join(',\n        ') }}

),

-- What cannot be exchanged has no price to compare: that is no word on the book.
without_rate as (

    {% for model in ['int_metered_lines_day', 'int_reported_lines_day'] %}
    select
        {{ line_columns() | join(',\n        ') }}
    from {{ ref(model) }}
    where not is_rate_known
    {% if not loop.last %}union{% endif %}
    {% endfor %}

),

stated as (

    select
        {%- for name in line_columns() %}
        billed.{{ name }},
        {%- endfor %}
        billed.last_charge_date,
        billed.source_name,
        billed.first_load_unit_id,
        billed.record_count,
        seen.seen_tokens,
        seen.seen_cost,
        case when billed.billed_tokens > 0 then billed.billed_tokens else reported.reported_tokens end as stated_tokens,
        case when billed.billed_tokens > 0 then billed.counted_cost - coalesce(exchanged.fx_cost, 0) else billed.uncounted_cost end
            as stated_cost,
        case
            when billed.billed_tokens > 0 then billed.effective_counted_cost - coalesce(exchanged.fx_cost, 0)
            else billed.effective_uncounted_cost
        end as effective_stated_cost
    from billed
    inner join seen
        on {{ same_line('billed', 'seen') }}
    left join exchanged
        on {{ same_line('billed', 'exchanged') }}
    left join reported
        on {{ same_line('billed', 'reported') }}
    anti join without_rate
        on {{ same_line('billed', 'without_rate') }}
    where seen.seen_tokens > 0
        and (
            billed.billed_tokens > 0
            or (billed.billed_tokens is null and seen.seen_cost = 0 and reported.reported_tokens > 0)
        )

),

agreed as (

    select
        *,
        least(stated_tokens, seen_tokens) as agreed_tokens
    from stated

),

valued as (

    select
        *,
        {{ cost_of_tokens('stated_cost', 'agreed_tokens', 'stated_tokens') }} as agreed_stated_cost,
        {{ cost_of_tokens('effective_stated_cost', 'agreed_tokens', 'stated_tokens') }} as effective_agreed_stated_cost,
        {{ cost_of_tokens('seen_cost', 'agreed_tokens', 'seen_tokens') }} as agreed_seen_cost
    from agreed

),

final as (

    select
        {{ line_columns() | join(',\n        ') }},
        last_charge_date as evidence_date,
        source_name,
        first_load_unit_id,
        record_count,
        agreed_tokens as evidence_tokens,
        agreed_stated_cost - agreed_seen_cost as evidence_cost,
        effective_agreed_stated_cost - agreed_seen_cost as effective_evidence_cost
    from valued
    where agreed_stated_cost <> agreed_seen_cost
        or effective_agreed_stated_cost <> agreed_seen_cost

)

select * from final
