-- Ids of closed rows are their own: a line that is sent again may come to another month under the same id.
with allocated_charges as (

    select * from {{ source('ledger', 'allocated_charges') }}

),

final as (

    select
        {{ closed_id('allocated_charge_id') }} as allocated_charge_id,
        {{ closed_id('charge_id') }} as charge_id,
        charge_source_name as source_name,
        service_provider_name,
        billing_account_id,
        sub_account_id,
        sub_account_name,
        billing_month,
        charge_date,
        charge_category,
        charge_class,
        credential_id,
        ai_model_id,
        token_class,
        service_tier,
        team_id,
        allocation_method,
        allocation_rule,
        allocation_share,
        billing_currency,
        billed_cost,
        effective_cost,
        list_cost,
        contracted_cost,
        consumed_quantity,
        consumed_unit,
        reporting_currency,
        fx_rate,
        reporting_billed_cost,
        reporting_effective_cost,
        origin_billing_month,
        adjustment_cause,
        load_unit_id as close_unit_id
    from allocated_charges

)

select * from final
