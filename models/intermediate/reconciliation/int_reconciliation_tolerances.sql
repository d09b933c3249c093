-- What may stay unexplained on each account's lines of a month: the register's most specific word that is in
-- force on the month's first day, else a cent.
with months as (

    select distinct billing_month, service_provider_name, billing_account_id, billing_currency
    from {{ ref('int_billed_lines') }}

),

tolerances as (

    select
        *,
        case
            when billing_account_id is not null then 1
            when service_provider_name is not null then 2
            else 3
        end as preference
    from {{ ref('stg_org__reconciliation_tolerances') }}

),

ranked as (

    select
        months.billing_month,
        months.service_provider_name,
        months.billing_account_id,
        months.billing_currency,
        tolerances.preference,
        tolerances.tolerance_amount,
        tolerances.tolerance_share,
        row_number() over (
            partition by
                months.billing_month, months.service_provider_name, months.billing_account_id, months.billing_currency
            order by tolerances.preference, tolerances.source_line desc
        ) as place
    from months
    left join tolerances
        on (tolerances.service_provider_name is null or months.service_provider_name = tolerances.service_provider_name)
        and (tolerances.billing_account_id is null or months.billing_account_id = tolerances.billing_account_id)
        and (tolerances.currency is null or months.billing_currency = tolerances.currency)
        and (tolerances.valid_from is null or months.billing_month >= tolerances.valid_from)
        and (tolerances.valid_to is null or months.billing_month < tolerances.valid_to)

),

final as (

    select
        billing_month,
        service_provider_name,
        billing_account_id,
        billing_currency,
        cast(case when preference is null then cast(0.01 as decimal(38, 12)) else coalesce(tolerance_amount, 0) end as decimal(38, 12)) as tolerance_amount,
        cast(coalesce(tolerance_share, 0) as decimal(38, 12)) as tolerance_share
    from ranked
    where place = 1

)

select * from final
