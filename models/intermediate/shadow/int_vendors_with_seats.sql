with seats as (

    select * from {{ ref('int_person_seats') }}

),

final as (

    select distinct
        billing_month,
        service_provider_name
    from seats

)

select * from final
