{{ config(materialized='table') }}

-- List cost of the usage behind a charge, for bills that name none: an estimate from the price book.
with parts as (

    select * from {{ ref('int_charge_list_parts') }}

),

final as (

    select
        charge_id,
        -- One unknown part makes the whole unknown.
        case
            when count(*) = count(list_cost)
                then cast(sum(list_cost) as decimal(38, 12))
        end as list_cost
    from parts
    group by charge_id

)

select * from final
