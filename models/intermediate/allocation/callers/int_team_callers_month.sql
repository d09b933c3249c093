{{ config(materialized='table') }}

-- How many users, and how many customers, a team's calls were made for in a month.
with caller_usage as (

    select * from {{ ref('int_caller_usage_by_team') }}

),

callers as (

    {% for kind, column in {'user': 'user_id', 'customer': 'end_user_id'}.items() %}
    select distinct
        {{ month_of('usage_date') }} as usage_month,
        team_id,
        '{{ kind }}' as caller_kind,
        {{ column }} as caller_id
    from caller_usage
    where {{ column }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        usage_month,
        team_id,
        caller_kind,
        cast(count(*) as bigint) as caller_count
    from callers
    group by usage_month, team_id, caller_kind

)

select * from final
