-- What is pending is no money yet, and what was reversed never was. A refund gives money back and proves no new use.
with charges as (

    select * from {{ ref('fct_card_charges') }}
    where charge_status <> 'reversed'

),

services as (

    select * from {{ ref('int_ai_services') }}

),

final as (

    select
        {{ conformed_shadow_signal({
            'source_name': 'coalesce(charges.card_source_name, charges.expense_source_name)',
            'load_unit_id': 'case when charges.card_source_name is not null then charges.card_load_unit_id else charges.expense_load_unit_id end',
            'source_line': 'case when charges.card_source_name is not null then charges.card_source_line else charges.expense_source_line end',
            'usage_date': 'charges.charge_date',
            'signal_family': "'card'",
            'signal_kind': "'charge'",
            'ai_service_id': 'charges.ai_service_id',
            'match_confidence': "case when charges.match_score >= 0.95 then 'high' when charges.match_score >= 0.85 then 'medium' else 'low' end",
            'is_use': 'not charges.is_refund',
            'team_id': 'charges.team_id',
            'owner_basis': "case when charges.team_id <> 'unallocated' then 'user' end",
            'actor_kind': "case when charges.user_id is not null then 'user' end",
            'actor_id': 'charges.user_id',
            'plan_name': "'card'",
            'service_provider_name': 'services.service_provider_name',
            'cost_currency': 'charges.charge_currency',
            'card_cost': "case when charges.charge_status = 'posted' then charges.charged_cost end",
        }) }}
    from charges
    inner join services
        on charges.ai_service_id = services.ai_service_id

)

select * from final
