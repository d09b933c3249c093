{{ config(materialized='table') }}

-- What the bill's own lines say of themselves. A line of tokens says its discount (against its own
-- contracted cost), and what the exchange of currencies made of it (against its own amount in the
-- currency of its prices, at the month's rate). Usage billed in another month is taken off that other
-- month's traffic too, so that over the months it comes to nothing.
with billed as (

    select * from {{ ref('int_billed_lines') }}

),

rated as (

    select
        billed.*,
        -- What is exchanged is the price in force: a part that a commitment pays has no rate of its own.
        case
            when billed.pricing_currency <> billed.billing_currency and billed.billed_cost = billed.effective_cost
                then billed.billed_cost - {{ convert_currency('billed.pricing_currency_effective_cost', 'rates.fx_rate') }}
        end as fx_cost
    from billed
    {{ join_fx_rate('rates', 'billed.billing_month', 'billed.pricing_currency', 'billed.billing_currency') }}

),

found as (

    {% for kind, cause in {
        'non_token': 'non_token', 'discount_credit_tax': 'discount_credit_tax', 'duplicate': 'duplicate',
        'other_month': 'time_boundary',
    }.items() %}
    select
        *,
        '{{ cause }}' as cause,
        billing_month as line_month,
        cast(null as bigint) as evidence_tokens,
        billed_cost as evidence_cost,
        effective_cost as effective_evidence_cost
    from rated
    where charge_kind = '{{ kind }}'
    union all
    {% endfor %}
    select
        *,
        'time_boundary' as cause,
        usage_month as line_month,
        -tokens as evidence_tokens,
        -billed_cost as evidence_cost,
        -effective_cost as effective_evidence_cost
    from rated
    where charge_kind = 'other_month'
    union all
    select
        *,
        'discount_credit_tax' as cause,
        billing_month as line_month,
        cast(null as bigint) as evidence_tokens,
        billed_cost - contracted_cost as evidence_cost,
        effective_cost - contracted_cost as effective_evidence_cost
    from rated
    where charge_kind = 'tokens'
        and (billed_cost <> contracted_cost or effective_cost <> contracted_cost)
    union all
    select
        *,
        'fx' as cause,
        billing_month as line_month,
        cast(null as bigint) as evidence_tokens,
        fx_cost as evidence_cost,
        fx_cost as effective_evidence_cost
    from rated
    where charge_kind = 'tokens'
        -- Without tokens the whole cost is compared with the report's tokens: a price, exchange and all.
        and tokens is not null
        and fx_cost <> 0

),

final as (

    select
        line_month as billing_month,
        service_provider_name,
        billing_account_id,
        ai_model_id,
        token_class,
        service_tier,
        billing_currency,
        cause,
        charge_date as evidence_date,
        source_name,
        credential_id,
        min(load_unit_id) as first_load_unit_id,
        cast(count(*) as bigint) as record_count,
        cast(sum(evidence_tokens) as bigint) as evidence_tokens,
        cast(sum(evidence_cost) as decimal(38, 12)) as evidence_cost,
        cast(sum(effective_evidence_cost) as decimal(38, 12)) as effective_evidence_cost
    from found
    group by
        line_month,
        service_provider_name,
        billing_account_id,
        ai_model_id,
        token_class,
        service_tier,
        billing_currency,
        cause,
        charge_date,
        source_name,
        credential_id

)

select * from final
