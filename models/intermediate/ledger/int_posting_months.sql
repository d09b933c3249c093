-- What is found out after a close stands in the first month behind it that is still open.
with closes as (

    select * from {{ ref('stg_ledger__closes') }}

),

candidates as (

    select
        closes.billing_month as origin_billing_month,
        {{ next_month('later.billing_month') }} as billing_month
    from closes
    inner join closes as later
        on closes.billing_month <= later.billing_month

),

final as (

    select
        candidates.origin_billing_month,
        min(candidates.billing_month) as billing_month
    from candidates
    left join closes
        on candidates.billing_month = closes.billing_month
    where closes.billing_month is null
    group by candidates.origin_billing_month

)

select * from final
