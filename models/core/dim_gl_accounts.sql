with gl_accounts as (

    select * from {{ ref('stg_org__gl_accounts') }}

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
        coalesce(valid_from, cast('1970-01-01' as date)) as valid_from,
        coalesce(valid_to, cast('9999-12-31' as date)) as valid_to,
        -- An account's line before a provider's, before that of all; of one reach a category's before any's.
        cast(
            case when billing_account_id is not null then 4 else 0 end
            + case when service_provider_name is not null then 2 else 0 end
            + case when charge_category is not null then 1 else 0 end
            as integer
        ) as reach
    from gl_accounts

)

select * from final
