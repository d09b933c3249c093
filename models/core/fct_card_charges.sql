-- Charges of AI vendors on cards and in expense reports: no bill of the ledger has them. Persons are pseudonyms, and the table is
-- not published: marts count persons.
with charges as (

    select * from {{ ref('int_card_charges_merged') }}

),

refund_links as (

    select * from {{ ref('int_card_refund_links') }}

),

holder_teams as (

    select * from {{ ref('int_actor_teams') }}

),

final as (

    select
        charges.charge_id,
        charges.charge_date,
        {{ month_of('charges.charge_date') }} as billing_month,
        charges.posted_date,
        charges.charge_status,
        charges.charged_cost < 0 as is_refund,
        refund_links.refunded_charge_id,
        charges.user_id,
        charges.card_id,
        charges.card_last_four,
        coalesce(holder_teams.team_id, 'unallocated') as team_id,
        charges.ai_service_id,
        charges.vendor_name,
        charges.merchant_pattern,
        charges.match_score,
        charges.charge_currency,
        charges.charged_cost,
        charges.original_currency,
        charges.original_cost,
        {{ reporting_currency() }} as reporting_currency,
        cast(
            case
                when charges.charge_currency = {{ reporting_currency() }} then charges.charged_cost
                else {{ convert_currency('charges.charged_cost', 'fx_rates.fx_rate') }}
            end as decimal(38, 12)
        ) as reporting_charged_cost,
        charges.is_reimbursable,
        charges.evidence_kind,
        charges.card_source_name,
        charges.card_load_unit_id,
        charges.card_source_line,
        charges.card_dlt_load_id,
        charges.expense_source_name,
        charges.expense_load_unit_id,
        charges.expense_source_line,
        charges.expense_dlt_load_id
    from charges
    left join refund_links
        on charges.charge_id = refund_links.charge_id
    left join holder_teams
        on holder_teams.owner_kind = 'user'
        and charges.user_id = holder_teams.owner_key
        and charges.charge_date >= holder_teams.valid_from
        and charges.charge_date < holder_teams.valid_to
    {{ join_fx_rate('fx_rates', month_of('charges.charge_date'), 'charges.charge_currency', reporting_currency()) }}

)

select * from final
