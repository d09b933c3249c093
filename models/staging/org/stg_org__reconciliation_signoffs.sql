with reconciliation_signoffs as (

    select * from {{ source('org', 'reconciliation_signoffs') }}

),

final as (

    select
        {{ month_of('billing_month') }} as billing_month,
        service_provider_name,
        billing_account_id,
        upper(billing_currency) as billing_currency,
        ai_model_id,
        token_class,
        service_tier,
        unexplained_cost,
        coalesce(effective_unexplained_cost, unexplained_cost) as effective_unexplained_cost,
        signed_off_by,
        signed_off_on,
        reason,
        load_unit_id,
        source_line,
        _dlt_load_id
    from reconciliation_signoffs

)

select * from final
