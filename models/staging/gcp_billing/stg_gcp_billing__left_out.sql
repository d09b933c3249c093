with left_out as (

    select * from {{ source('gcp_billing', 'left_out') }}

),

final as (

    select
        'gcp_billing' as source_name,
        load_unit_id,
        source_line,
        _dlt_load_id,
        'Google' as service_provider_name,
        billing_account_id,
        billing_period_start,
        coalesce(service_name, service_id) as service_name,
        cost_type as charge_kind,
        upper(currency) as billing_currency,
        charge_count,
        net_cost as billed_cost
    from left_out

)

select * from final
