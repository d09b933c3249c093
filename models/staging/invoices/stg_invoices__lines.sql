with lines as (

    select * from {{ source('invoices', 'lines') }}

),

final as (

    select
        load_unit_id,
        source_line,
        _dlt_load_id,
        service_provider_name,
        coalesce(billing_account_id, 'unknown') as billing_account_id,
        invoice_id,
        billing_period_start,
        coalesce(
            billing_period_end,
            cast(date_trunc('month', billing_period_start) + interval 1 month as timestamp)
        ) as billing_period_end,
        case
            when lower(charge_category) in ('usage', 'purchase', 'tax', 'credit', 'adjustment')
                then upper(left(charge_category, 1)) || lower(substr(charge_category, 2))
            when lower(charge_category) in ('seat', 'seats', 'subscription', 'license', 'licence', 'licences', 'licenses', 'fee', 'commitment')
                then 'Purchase'
            when lower(charge_category) in ('refund', 'discount', 'rebate', 'credit note') or billed_cost < 0
                then 'Credit'
            else 'Usage'
        end as charge_category,
        charge_description,
        model_name,
        sub_account_id,
        consumed_quantity,
        consumed_unit,
        billed_cost,
        tax_amount,
        upper(billing_currency) as billing_currency,
        tags,
        case
            when billing_period_end <= billing_period_start then 'period_ends_before_it_begins'
            when length(billing_currency) <> 3 then 'bad_currency'
        end as quarantine_reason
    from lines

)

select * from final
