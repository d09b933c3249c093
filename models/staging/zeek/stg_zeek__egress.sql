with egress as (

    select * from {{ source('zeek', 'egress') }}

),

final as (

    select
        {{ conformed_egress('zeek') }}
    from egress

)

select * from final
