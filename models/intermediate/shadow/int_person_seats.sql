-- A person may have two accounts' seats of one vendor: one of them is enough.
with seats as (

    select * from {{ ref('fct_seat_months') }}
    where user_id is not null

),

final as (

    select
        billing_month,
        service_provider_name,
        user_id,
        coalesce(min(lower(plan_name)), 'seat') as plan_name
    from seats
    group by billing_month, service_provider_name, user_id

)

select * from final
