{{ config(materialized='table') }}

{% set kept = [
    'statement_line_id', 'document_id', 'billing_month', 'service_provider_name', 'billing_account_id', 'billing_currency', 'team_id',
    'cost_center_id', 'fee_name', 'recovery_account', 'recovery_cost_center_id', 'allocation_rule', 'base_cost', 'billed_cost',
] %}

-- What statements charge beyond the invoices: of closed months as it was closed, of open ones as the register says now.
with fee_lines as (

    select * from {{ ref('int_chargeback_fee_lines') }}
    where billing_month not in (select origin_billing_month from {{ ref('int_posting_months') }})

),

{# Closed in another reporting currency than now: what was charged stays, what it is in the one of now is computed. #}
closed as (

    select
        chargeback_fees.*,
        fx_rates.fx_rate as fx_rate_now
    from {{ ref('stg_ledger__chargeback_fees') }} as chargeback_fees
    {{ join_fx_rate('fx_rates', 'chargeback_fees.billing_month', 'chargeback_fees.billing_currency', reporting_currency()) }}

),

final as (

    select
        {{ kept | join(',\n        ') }},
        {{ reporting_currency() }} as reporting_currency,
        reporting_billed_cost
    from fee_lines
    union all
    select
        {{ kept | join(',\n        ') }},
        {{ reporting_currency() }} as reporting_currency,
        case
            when reporting_currency = {{ reporting_currency() }} then reporting_billed_cost
            else {{ convert_currency('billed_cost', 'fx_rate_now') }}
        end as reporting_billed_cost
    from closed

)

select * from final
