{{ config(materialized='table') }}

-- The shares of charges that a rule for shared costs explains, or nobody.
with parts as (

    select * from {{ ref('int_shared_charge_parts') }}

),

final as (

    select
        charge_id,
        team_id,
        allocation_method,
        {{ share_of('weight', 'sum(weight) over (partition by charge_id)', 12) }} as share,
        row_number() over (partition by charge_id order by weight desc, team_id) as place
    from parts

)

select * from final
