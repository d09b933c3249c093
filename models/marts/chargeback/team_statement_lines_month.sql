-- Rounded once, in two steps of largest remainders: the invoice's cents to its teams, then each team's
-- cents to its lines. In one step a team of many small lines would lose or win a cent on each of them.
with charge_lines as (

    select * from {{ ref('int_statement_lines') }}

),

-- Beyond the invoices: their documents are rounded as an invoice is.
fee_lines as (

    select * from {{ ref('fct_chargeback_fees') }}

),

lines as (

    select
        statement_line_id,
        document_id,
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
        sub_account_name,
        service_name,
        ai_system_id,
        ai_model_id,
        allocation_method,
        allocation_rule,
        origin_billing_month,
        adjustment_cause,
        billed_cost,
        reporting_billed_cost,
        effective_cost,
        list_cost,
        listed_billed_cost,
        consumed_tokens,
        token_billed_cost,
        charge_count
    from charge_lines
    union all
    select
        statement_line_id,
        document_id,
        billing_month,
        service_provider_name,
        billing_account_id,
        cast(null as {{ dbt.type_string() }}) as invoice_id,
        billing_currency,
        team_id,
        cost_center_id,
        'fee' as line_kind,
        'Purchase' as charge_category,
        cast(null as {{ dbt.type_string() }}) as sub_account_id,
        cast(null as {{ dbt.type_string() }}) as sub_account_name,
        fee_name as service_name,
        cast(null as {{ dbt.type_string() }}) as ai_system_id,
        'none' as ai_model_id,
        'fee' as allocation_method,
        allocation_rule,
        billing_month as origin_billing_month,
        cast(null as {{ dbt.type_string() }}) as adjustment_cause,
        billed_cost,
        reporting_billed_cost,
        billed_cost as effective_cost,
        cast(null as decimal(38, 12)) as list_cost,
        cast(null as decimal(38, 12)) as listed_billed_cost,
        cast(null as decimal(38, 12)) as consumed_tokens,
        cast(null as decimal(38, 12)) as token_billed_cost,
        cast(0 as bigint) as charge_count
    from fee_lines

),

currencies as (

    select * from {{ ref('dim_currencies') }}

),

teams as (

    select * from {{ ref('dim_teams') }}

),

{# Whole smallest units and what is left over: decimal(35, 12) keeps a difference of the two exact on both engines. #}
minor as (

    select
        lines.*,
        currencies.minor_unit_digits,
        currencies.minor_unit,
        cast(cast(lines.billed_cost as decimal(30, 12)) * currencies.minor_units as decimal(35, 12)) as minor_amount,
        cast(floor(
            cast(cast(lines.billed_cost as decimal(30, 12)) * currencies.minor_units as decimal(35, 12))
        ) as decimal(23, 0)) as minor_floor
    from lines
    inner join currencies
        on lines.billing_currency = currencies.billing_currency

),

team_sums as (

    select
        document_id,
        team_id,
        cast(sum(minor_amount) as decimal(35, 12)) as minor_amount
    from minor
    group by document_id, team_id

),

team_floors as (

    select
        document_id,
        team_id,
        minor_amount,
        cast(floor(minor_amount) as decimal(23, 0)) as minor_floor,
        cast(minor_amount - cast(floor(minor_amount) as decimal(23, 0)) as decimal(13, 12)) as remainder
    from team_sums

),

{# An invoice is rounded half up; ties between remainders fall to the larger amount, then by name. #}
team_places as (

    select
        document_id,
        team_id,
        minor_floor,
        cast(
            cast(sum(minor_amount) over (partition by document_id) as decimal(23, 0))
            - sum(minor_floor) over (partition by document_id)
            as bigint
        ) as units_to_give,
        row_number() over (partition by document_id order by remainder desc, minor_amount desc, team_id) as place
    from team_floors

),

team_units as (

    select
        document_id,
        team_id,
        minor_floor + case when place <= units_to_give then 1 else 0 end as minor_total
    from team_places

),

line_places as (

    select
        minor.*,
        cast(
            team_units.minor_total - sum(minor.minor_floor) over (partition by minor.document_id, minor.team_id) as bigint
        ) as units_to_give,
        row_number() over (
            partition by minor.document_id, minor.team_id
            order by
                cast(minor.minor_amount - minor.minor_floor as decimal(13, 12)) desc,
                minor.minor_amount desc,
                minor.statement_line_id
        ) as place
    from minor
    inner join team_units
        on minor.document_id = team_units.document_id
        and minor.team_id = team_units.team_id

),

final as (

    select
        line_places.statement_line_id,
        line_places.document_id,
        line_places.billing_month,
        line_places.service_provider_name,
        line_places.billing_account_id,
        line_places.invoice_id,
        line_places.billing_currency,
        line_places.team_id,
        coalesce(teams.team_name, line_places.team_id) as team_name,
        line_places.cost_center_id,
        line_places.line_kind,
        line_places.charge_category,
        line_places.sub_account_id,
        line_places.sub_account_name,
        line_places.service_name,
        line_places.ai_system_id,
        line_places.ai_model_id,
        line_places.allocation_method,
        line_places.allocation_rule,
        line_places.origin_billing_month,
        line_places.adjustment_cause,
        line_places.billed_cost,
        {{ reporting_currency() }} as reporting_currency,
        line_places.reporting_billed_cost,
        line_places.effective_cost,
        line_places.list_cost,
        line_places.listed_billed_cost,
        line_places.consumed_tokens,
        line_places.token_billed_cost,
        line_places.charge_count,
        cast(
            cast(
                line_places.minor_floor
                + case when line_places.place <= line_places.units_to_give then 1 else 0 end
                as decimal(24, 0)
            ) * line_places.minor_unit
            as decimal(38, 12)
        ) as statement_cost,
        line_places.minor_unit_digits,
        'largest remainder: invoice to teams, team to lines' as rounding_method
    from line_places
    left join teams
        on line_places.team_id = teams.team_id
        and line_places.billing_month >= teams.valid_from
        and line_places.billing_month < teams.valid_to

)

select * from final
