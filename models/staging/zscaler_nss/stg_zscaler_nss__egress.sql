with egress as (

    select * from {{ source('zscaler_nss', 'egress') }}

),

final as (

    select
        {{ conformed_egress('zscaler_nss') }}
    from egress

)

select * from final
