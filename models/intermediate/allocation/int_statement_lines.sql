-- What a statement lists, not yet rounded: the parts of charges, in the words that a statement has for them.
with allocated_charges as (

    select * from {{ ref('fct_allocated_charges') }}

),

charges as (

    select * from {{ ref('fct_charges') }}

),

teams as (

    select * from {{ ref('dim_teams') }}

),

-- What the bill tells of: what systems have by their calls is shared, and is no part of one charge.
ai_system_charges as (

    select
        allocated_charge_id,
        ai_system_id
    from {{ ref('int_ai_system_charges') }}

),

worded as (

    select
        allocated_charges.billing_month,
        allocated_charges.service_provider_name,
        allocated_charges.billing_account_id,
        charges.invoice_id,
        allocated_charges.billing_currency,
        allocated_charges.team_id,
        teams.cost_center_id,
        case
            when allocated_charges.adjustment_cause is not null then 'adjustment'
            when allocated_charges.charge_category = 'Tax' then 'tax'
            when allocated_charges.charge_category = 'Credit' then 'credit'
            when allocated_charges.charge_category = 'Adjustment' or allocated_charges.charge_class = 'Correction' then 'adjustment'
            when allocated_charges.allocation_method like 'shared_%' then 'shared'
            when allocated_charges.charge_category = 'Purchase' then 'purchase'
            else 'usage'
        end as line_kind,
        allocated_charges.charge_category,
        allocated_charges.sub_account_id,
        allocated_charges.sub_account_name,
        charges.service_name,
        ai_system_charges.ai_system_id,
        allocated_charges.ai_model_id,
        allocated_charges.allocation_method,
        allocated_charges.allocation_rule,
        allocated_charges.origin_billing_month,
        allocated_charges.adjustment_cause,
        allocated_charges.billed_cost,
        allocated_charges.reporting_billed_cost,
        allocated_charges.effective_cost,
        allocated_charges.list_cost,
        case when allocated_charges.consumed_unit = 'Tokens' then allocated_charges.consumed_quantity end as consumed_tokens
    from allocated_charges
    inner join charges
        on allocated_charges.charge_id = charges.charge_id
    left join teams
        on allocated_charges.team_id = teams.team_id
        and allocated_charges.charge_date >= teams.valid_from
        and allocated_charges.charge_date < teams.valid_to
    left join ai_system_charges
        on allocated_charges.allocated_charge_id = ai_system_charges.allocated_charge_id

),

grouped as (

    select
        billing_month,
        service_provider_name,
        billing_account_id,
        invoice_id,
        billing_currency,
        team_id,
        cost_center_id,
        line_kind,
        charge_category,
        sub_account_id,
        max(sub_account_name) as sub_account_name,
        service_name,
        ai_system_id,
        ai_model_id,
        allocation_method,
        allocation_rule,
        origin_billing_month,
        adjustment_cause,
        cast(sum(billed_cost) as decimal(38, 12)) as billed_cost,
        {{ sum_of_known('reporting_billed_cost', 'billed_cost') }} as reporting_billed_cost,
        cast(sum(effective_cost) as decimal(38, 12)) as effective_cost,
        cast(sum(list_cost) as decimal(38, 12)) as list_cost,
        {# What list_cost and consumed_tokens are compared with: a sum of all charges would be of more than they are. #}
        cast(sum(case when list_cost is not null then billed_cost end) as decimal(38, 12)) as listed_billed_cost,
        cast(sum(case when consumed_tokens is not null then billed_cost end) as decimal(38, 12)) as token_billed_cost,
        cast(sum(consumed_tokens) as decimal(38, 12)) as consumed_tokens,
        cast(count(*) as bigint) as charge_count
    from worded
    group by
        billing_month,
        service_provider_name,
        billing_account_id,
        invoice_id,
        billing_currency,
        team_id,
        cost_center_id,
        line_kind,
        charge_category,
        sub_account_id,
        service_name,
        ai_system_id,
        ai_model_id,
        allocation_method,
        allocation_rule,
        origin_billing_month,
        adjustment_cause

),

identified as (

    select
        *,
        md5(concat_ws(
            '|',
            cast(billing_month as {{ dbt.type_string() }}),
            service_provider_name,
            billing_account_id,
            coalesce(invoice_id, '-'),
            billing_currency
        )) as document_id
    from grouped

),

final as (

    select
        *,
        md5(concat_ws(
            '|',
            document_id,
            team_id,
            coalesce(cost_center_id, '-'),
            line_kind,
            charge_category,
            coalesce(sub_account_id, '-'),
            coalesce(service_name, '-'),
            ai_model_id,
            allocation_method,
            allocation_rule,
            cast(origin_billing_month as {{ dbt.type_string() }}),
            coalesce(adjustment_cause, '-'),
            ai_system_id
        )) as statement_line_id
    from identified

)

select * from final
