with egress as (

    select * from {{ source('umbrella', 'egress') }}

),

final as (

    select
        {{ conformed_egress('umbrella') }}
    from egress

)

select * from final
