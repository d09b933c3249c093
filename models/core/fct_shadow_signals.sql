-- Which finding a signal is evidence of. The use of a service is its own kind only where decisions limit the service to plans and the signal
-- shows another one: a plan that nobody knows is no proof.
with signals as (

    select * from {{ ref('int_shadow_signals_unioned') }}

),

approvals as (

    select * from {{ ref('dim_ai_service_decisions') }}
    where finding_kind is null
        and decision in ('sanctioned', 'tolerated')

),

planned as (

    select distinct
        signals.ai_service_id,
        signals.team_id,
        signals.plan_name,
        signals.usage_date
    from signals
    inner join approvals
        on signals.ai_service_id = approvals.ai_service_id
        and signals.team_id = coalesce(approvals.team_id, signals.team_id)
        and signals.usage_date >= approvals.valid_from
        and signals.usage_date < approvals.valid_to
    where signals.plan_name is not null
        and approvals.plan_name is not null

),

covered as (

    select distinct
        signals.ai_service_id,
        signals.team_id,
        signals.plan_name,
        signals.usage_date
    from signals
    inner join approvals
        on signals.ai_service_id = approvals.ai_service_id
        and signals.team_id = coalesce(approvals.team_id, signals.team_id)
        and signals.usage_date >= approvals.valid_from
        and signals.usage_date < approvals.valid_to
        and signals.plan_name = coalesce(approvals.plan_name, signals.plan_name)
    where signals.plan_name is not null

),

kinds as (

    select
        signals.*,
        case
            when signals.signal_family in ('provider', 'tool') then signals.signal_kind
            when planned.ai_service_id is not null and covered.ai_service_id is null then 'unapproved_plan'
            else 'unapproved_service'
        end as finding_kind
    from signals
    left join planned
        on signals.ai_service_id = planned.ai_service_id
        and signals.team_id = planned.team_id
        and signals.plan_name = planned.plan_name
        and signals.usage_date = planned.usage_date
    left join covered
        on signals.ai_service_id = covered.ai_service_id
        and signals.team_id = covered.team_id
        and signals.plan_name = covered.plan_name
        and signals.usage_date = covered.usage_date

),

final as (

    select
        {{ shadow_finding_id('kinds') }} as finding_id,
        kinds.finding_kind,
        {%- for name in shadow_signal_shape() %}
        kinds.{{ name }},
        {%- endfor %}
        {{ in_reporting_currency('kinds.billed_cost', 'kinds.cost_currency') }} as reporting_billed_cost,
        {{ in_reporting_currency('kinds.card_cost', 'kinds.cost_currency') }} as reporting_card_cost,
        {{ in_reporting_currency('kinds.estimated_cost', 'kinds.cost_currency') }} as reporting_estimated_cost
    from kinds
    {{ join_fx_rate('fx_rates', month_of('kinds.usage_date'), 'kinds.cost_currency', reporting_currency()) }}

)

select * from final
