with gl_accounts as (

    select * from {{ source('org', 'gl_accounts') }}

),

final as (

    select
        service_provider_name,
        billing_account_id,
        charge_category,
        expense_account,
        clearing_account,
        accrual_account,
        company_id,
        due_from_account,
        due_to_account,
        valid_from,
        valid_to,
        load_unit_id,
        source_line,
        _dlt_load_id
    from gl_accounts

)

select * from final
