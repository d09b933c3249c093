-- A project is called what the provider's list calls it now, else what its newest bill called it.
-- Made anew on every build: facts keep ids, so that a new name does not wait for a new bill.
with listed as (

    select * from {{ ref('int_sub_accounts_unioned') }}

),

charged as (

    select
        source_name,
        service_provider_name,
        billing_account_id,
        sub_account_id,
        sub_account_name,
        row_number() over (
            partition by service_provider_name, billing_account_id, sub_account_id
            order by
                case when sub_account_name is null then 1 else 0 end,
                charge_period_start desc,
                _dlt_load_id desc,
                source_line desc,
                sub_account_name
        ) as recency
    from {{ ref('int_billed_charges') }}
    where sub_account_id is not null

),

used as (

    select
        min(source_name) as source_name,
        service_provider_name,
        billing_account_id,
        sub_account_id
    from {{ ref('fct_provider_usage') }}
    where sub_account_id is not null
    group by service_provider_name, billing_account_id, sub_account_id

),

every_sub_account as (

    select service_provider_name, billing_account_id, sub_account_id from listed
    union
    select service_provider_name, billing_account_id, sub_account_id from charged
    union
    select service_provider_name, billing_account_id, sub_account_id from used

),

final as (

    select
        every_sub_account.service_provider_name,
        every_sub_account.billing_account_id,
        every_sub_account.sub_account_id,
        coalesce(listed.sub_account_name, charged.sub_account_name) as sub_account_name,
        case
            when listed.sub_account_name is not null then listed.source_name
            when charged.sub_account_name is not null then charged.source_name
            else coalesce(listed.source_name, charged.source_name, used.source_name)
        end as source_name
    from every_sub_account
    left join listed
        on every_sub_account.service_provider_name = listed.service_provider_name
        and every_sub_account.billing_account_id = listed.billing_account_id
        and every_sub_account.sub_account_id = listed.sub_account_id
    left join charged
        on every_sub_account.service_provider_name = charged.service_provider_name
        and every_sub_account.billing_account_id = charged.billing_account_id
        and every_sub_account.sub_account_id = charged.sub_account_id
        and charged.recency = 1
    left join used
        on every_sub_account.service_provider_name = used.service_provider_name
        and every_sub_account.billing_account_id = used.billing_account_id
        and every_sub_account.sub_account_id = used.sub_account_id

)

select * from final
