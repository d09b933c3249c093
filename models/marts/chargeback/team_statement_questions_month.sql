-- What a team should ask about before it accepts its statement. A rise counts from a fifth of the month
-- before and a hundredth of the statement on: below that, months differ by themselves.
with drivers as (

    select * from {{ ref('team_drivers_month') }}

),

statements as (

    select * from {{ ref('team_statements_month') }}

),

lines as (

    select * from {{ ref('team_statement_lines_month') }}

),

allocated_charges as (

    select * from {{ ref('fct_allocated_charges') }}

),

charges as (

    select * from {{ ref('fct_charges') }}

),

{# Months that have one before them to compare with. #}
comparable_months as (

    select distinct cast(billing_month + interval 1 month as date) as billing_month
    from statements

),

keys_used as (

    select
        allocated_charges.billing_month,
        allocated_charges.team_id,
        allocated_charges.service_provider_name,
        charges.service_name,
        allocated_charges.ai_model_id,
        allocated_charges.billing_currency,
        allocated_charges.credential_id,
        allocated_charges.sub_account_id,
        sum(allocated_charges.billed_cost) as billed_cost
    from allocated_charges
    inner join charges
        on allocated_charges.charge_id = charges.charge_id
    group by
        allocated_charges.billing_month,
        allocated_charges.team_id,
        allocated_charges.service_provider_name,
        charges.service_name,
        allocated_charges.ai_model_id,
        allocated_charges.billing_currency,
        allocated_charges.credential_id,
        allocated_charges.sub_account_id

),

largest_keys as (

    select
        *,
        row_number() over (
            partition by billing_month, team_id, service_provider_name, service_name, ai_model_id, billing_currency
            order by billed_cost desc, coalesce(credential_id, ''), coalesce(sub_account_id, '')
        ) as place
    from keys_used

),

of_drivers as (

    select
        drivers.billing_month,
        drivers.team_id,
        drivers.billing_currency,
        case
            when coalesce(drivers.previous_statement_cost, 0) <= 0 then 'new'
            else 'risen'
        end as question_kind,
        drivers.service_provider_name,
        drivers.service_name,
        drivers.ai_model_id,
        drivers.statement_cost,
        drivers.previous_statement_cost
    from drivers
    inner join statements
        on drivers.billing_month = statements.billing_month
        and drivers.team_id = statements.team_id
        and drivers.billing_currency = statements.billing_currency
    {# In the first month of all, everything would be new; a team or a currency that begins later is. #}
    inner join comparable_months
        on drivers.billing_month = comparable_months.billing_month
    where drivers.change_cost > 0
        and statements.statement_cost > 0
        and drivers.change_cost * 100 >= statements.statement_cost
        and drivers.change_cost * 5 >= coalesce(drivers.previous_statement_cost, 0)
    union all
    select
        billing_month,
        team_id,
        billing_currency,
        'above_list' as question_kind,
        service_provider_name,
        service_name,
        ai_model_id,
        statement_cost,
        previous_statement_cost
    from drivers
    where listed_billed_cost * 100 > list_cost * 102
        and listed_billed_cost > list_cost + 1

),

of_lines as (

    select
        billing_month,
        team_id,
        billing_currency,
        case
            when team_id = 'unallocated' then 'unallocated'
            when line_kind = 'adjustment' then 'adjustment'
            when line_kind = 'shared' then 'shared'
            when allocation_method in ('gateway', 'usage_any_tier') then 'spread'
        end as question_kind,
        service_provider_name,
        service_name,
        ai_model_id,
        statement_cost
    from lines
    where statement_cost <> 0
        and (
            team_id = 'unallocated'
            or line_kind in ('adjustment', 'shared')
            or (line_kind in ('usage', 'purchase') and allocation_method in ('gateway', 'usage_any_tier'))
        )

),

questions as (

    select
        billing_month,
        team_id,
        billing_currency,
        question_kind,
        service_provider_name,
        service_name,
        ai_model_id,
        statement_cost,
        previous_statement_cost
    from of_drivers
    union all
    select
        billing_month,
        team_id,
        billing_currency,
        question_kind,
        service_provider_name,
        service_name,
        ai_model_id,
        cast(sum(statement_cost) as decimal(38, 12)) as statement_cost,
        cast(null as decimal(38, 12)) as previous_statement_cost
    from of_lines
    group by billing_month, team_id, billing_currency, question_kind, service_provider_name, service_name, ai_model_id

),

final as (

    select
        questions.billing_month,
        questions.team_id,
        questions.billing_currency,
        questions.question_kind,
        questions.service_provider_name,
        questions.service_name,
        questions.ai_model_id,
        questions.statement_cost,
        questions.previous_statement_cost,
        largest_keys.credential_id,
        largest_keys.sub_account_id,
        case
            when questions.service_provider_name = {{ fee_provider_name() }} then 'keeper of chargeback_fees.csv'
            when questions.question_kind = 'unallocated' then 'keeper of owners.csv and credentials.csv'
            when questions.question_kind = 'shared' then 'keeper of shared_costs.csv'
            when questions.question_kind = 'spread' then 'keeper of the gateway'
            when questions.question_kind = 'adjustment' then 'provider, through the keeper of its account'
            when questions.question_kind = 'above_list' then 'keeper of the contract with the provider'
            else 'owner of the key or project'
        end as ask_whom
    from questions
    left join largest_keys
        on questions.billing_month = largest_keys.billing_month
        and questions.team_id = largest_keys.team_id
        and questions.service_provider_name = largest_keys.service_provider_name
        and coalesce(questions.service_name, '') = coalesce(largest_keys.service_name, '')
        and questions.ai_model_id = largest_keys.ai_model_id
        and questions.billing_currency = largest_keys.billing_currency
        and largest_keys.place = 1

)

select * from final
