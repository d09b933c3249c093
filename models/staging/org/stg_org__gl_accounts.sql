with gl_accounts as (

    select * from {{ source('org', 'gl_accounts') }}

),

final as (

    select
        service_provider_name,
        charge_category,
        expense_account,
        clearing_account,
        valid_from,
        valid_to,
        load_unit_id,
        source_line,
        _dlt_load_id
    from gl_accounts

)

select * from final
