with egress as (

    select * from {{ source('cloudflare_gateway', 'egress') }}

),

final as (

    select
        {{ conformed_egress('cloudflare_gateway') }}
    from egress

)

select * from final
