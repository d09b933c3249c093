{{ config(materialized='table') }}

-- The shares of charges that usage or an owner explains.
with parts as (

    select * from {{ ref('int_charge_parts') }}

),

final as (

    select
        charge_id,
        team_id,
        credential_id,
        allocation_method,
        allocation_rule,
        {{ share_of('weight', 'sum(weight) over (partition by charge_id)') }} as share,
        row_number() over (
            partition by charge_id order by weight desc, team_id, credential_id nulls first, allocation_rule
        ) as place
    from parts

)

select * from final
