with egress as (

    select * from {{ source('netskope', 'egress') }}

),

final as (

    select
        {{ conformed_egress('netskope') }}
    from egress

)

select * from final
