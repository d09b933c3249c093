-- Units of work that teams did: what the organisation counts, added up where several lines say it.
with outcomes as (

    select * from {{ ref('stg_org__outcomes') }}

),

final as (

    select
        outcome_month,
        team_id,
        outcome_kind,
        cast(sum(quantity) as bigint) as unit_count,
        cast(count(*) as bigint) as line_count
    from outcomes
    group by outcome_month, team_id, outcome_kind

)

select * from final
