-- Calls that began before the end of a month and ended after it, that the provider counts in the month of
-- their end: too many on the last day (or in the month) and too few on the next.
with differences as (

    select
        *,
        seen_tokens - uncounted_failed_tokens - counted_tokens as excess_tokens
    from {{ ref('int_count_differences') }}

),

moved as (

    select
        {%- for name in line_columns() %}
        early.{{ name }},
        {%- endfor %}
        early.counted_date,
        late.billing_month as next_month,
        late.counted_date as next_counted_date,
        early.across_months_tokens,
        early.across_months_cost,
        least(early.across_months_tokens, early.excess_tokens, -late.excess_tokens) as tokens
    from differences as early
    inner join differences as late
        on {{ same_line('early', 'late', without=['billing_month']) }}
        and late.billing_month = cast(early.billing_month + interval 1 month as date)
        and late.counted_date = cast(
            case
                when early.is_by_day then early.counted_date + interval 1 day
                else early.billing_month + interval 1 month
            end as date
        )
    where early.across_months_tokens > 0
        and early.excess_tokens > 0
        and late.excess_tokens < 0

),

valued as (

    select
        *,
        {{ cost_of_tokens('across_months_cost', 'tokens', 'across_months_tokens') }} as moved_cost
    from moved

),

final as (

    select
        {{ line_columns() | join(',\n        ') }},
        counted_date,
        -tokens as moved_tokens,
        -moved_cost as moved_cost
    from valued
    union all
    select
        next_month as billing_month,
        {{ line_columns()[1:] | join(',\n        ') }},
        next_counted_date as counted_date,
        tokens as moved_tokens,
        moved_cost
    from valued

)

select * from final
