{{ config(materialized='table') }}

-- The two counts of a day beside each other, once failed calls and the month's end are taken care of: what
-- one side has too much of in a tier and too little in another was served on another tier than it was metered
-- on; what then is too much in a class of input and too little in another was counted as cached by one only.
{% set of_one_class = line_columns() | reject('equalto', 'service_tier') | list + ['counted_date'] %}
{% set of_one_input = line_columns() | reject('equalto', 'token_class') | list + ['counted_date', 'is_input'] %}

with differences as (

    select * from {{ ref('int_count_differences') }}

),

boundary_moves as (

    select
        {{ line_columns() | join(',\n        ') }},
        counted_date,
        cast(sum(moved_tokens) as bigint) as moved_tokens
    from {{ ref('int_month_boundary_moves') }}
    group by
        {{ line_columns() | join(',\n        ') }},
        counted_date

),

settled as (

    select
        differences.*,
        differences.token_class in ('input_uncached', 'cache_read', 'cache_write_5m', 'cache_write_1h') as is_input,
        cast(
            differences.counted_tokens - differences.seen_tokens + differences.uncounted_failed_tokens
            - coalesce(boundary_moves.moved_tokens, 0)
            as bigint
        ) as tokens_left
    from differences
    left join boundary_moves
        on {{ same_line('differences', 'boundary_moves') }}
        and differences.counted_date = boundary_moves.counted_date

),

by_tier as (

    select
        *,
        {{ tokens_moved('tokens_left', of_one_class) }} as tier_tokens
    from settled

),

by_cache as (

    select
        *,
        case
            when is_input then {{ tokens_moved('(tokens_left - tier_tokens)', of_one_input) }}
            else cast(0 as bigint)
        end as cache_tokens
    from by_tier

),

final as (

    select
        {{ line_columns() | join(',\n        ') }},
        counted_date,
        seen_tokens,
        seen_cost,
        counted_tokens,
        counted_cost,
        tier_tokens,
        {{ cost_of_moved('tier_tokens', 'by_cache') }} as tier_cost,
        cache_tokens,
        {{ cost_of_moved('cache_tokens', 'by_cache') }} as cache_cost,
        tokens_left - tier_tokens - cache_tokens as tokens_left
    from by_cache

)

select * from final
