-- What was metered or reported is compared in the currency of the account's bills, where they have one.
with charges as (

    select distinct service_provider_name, billing_account_id, billing_currency
    from {{ ref('int_billed_charges') }}

),

final as (

    select
        service_provider_name,
        billing_account_id,
        min(billing_currency) as billing_currency
    from charges
    group by service_provider_name, billing_account_id
    having count(*) = 1

)

select * from final
