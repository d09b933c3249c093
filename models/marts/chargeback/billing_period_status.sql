-- Which months are closed, and on what.
with months as (

    select distinct billing_month from {{ ref('fct_charges') }}
    union
    select billing_month from {{ ref('stg_ledger__closes') }}

),

closes as (

    select * from {{ ref('stg_ledger__closes') }}

),

charges as (

    select
        origin_billing_month,
        cast(count(*) as bigint) as adjustment_count
    from {{ ref('fct_charges') }}
    where adjustment_cause is not null
    group by origin_billing_month

),

final as (

    select
        months.billing_month,
        case when closes.billing_month is null then 'Open' else 'Closed' end as billing_period_status,
        closes.close_number,
        closes.closed_at,
        closes.closed_by,
        closes.is_forced,
        closes.close_reason,
        closes.open_line_count,
        closes.close_sha256,
        closes.previous_close_sha256,
        closes.publication_id,
        closes.published_at,
        closes.data_complete_to,
        closes.code_version,
        closes.price_version,
        closes.price_book_version,
        coalesce(charges.adjustment_count, 0) as adjustment_count
    from months
    left join closes
        on months.billing_month = closes.billing_month
    left join charges
        on months.billing_month = charges.origin_billing_month

)

select * from final
