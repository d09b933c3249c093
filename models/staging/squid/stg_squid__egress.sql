with egress as (

    select * from {{ source('squid', 'egress') }}

),

final as (

    select
        {{ conformed_egress('squid') }}
    from egress

)

select * from final
