with left_out as (

    select * from {{ source('aws_cur', 'left_out') }}

),

final as (

    select
        'aws_cur' as source_name,
        load_unit_id,
        source_line,
        _dlt_load_id,
        'AWS' as service_provider_name,
        payer_account_id as billing_account_id,
        billing_period_start,
        coalesce(product_name, product_code) as service_name,
        line_type as charge_kind,
        upper(currency_code) as billing_currency,
        charge_count,
        unblended_cost as billed_cost
    from left_out

)

select * from final
