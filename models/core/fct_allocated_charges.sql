-- The ledger: of closed months the parts as they were closed, of open ones as bills and rules say now, and what has
-- been found out about closed ones since. An adjustment is a charge of its own with one part.
with closed as (

    select * from {{ ref('stg_ledger__allocated_charges') }}

),

bills as (

    select * from {{ ref('int_allocated_bills') }}
    where billing_month not in (select origin_billing_month from {{ ref('int_posting_months') }})

),

{# At the rates of the month that they correct, as that was closed. #}
changes as (

    select
        changes.*,
        {{ reporting_currency() }} as reporting_currency,
        fx_rates.fx_rate
    from {{ ref('int_ledger_changes') }} as changes
    {{ join_fx_rate('fx_rates', 'changes.origin_billing_month', 'changes.billing_currency', reporting_currency()) }}

),

{# Closed in another reporting currency than now: what was billed stays, what it is in the one of now is computed. #}
converted as (

    select
        closed.*,
        fx_rates.fx_rate as fx_rate_now
    from closed
    {{ join_fx_rate('fx_rates', 'closed.origin_billing_month', 'closed.billing_currency', reporting_currency()) }}

),

final as (

    select
        {{ allocated_charge_columns() | join(',\n        ') }},
        billing_month as origin_billing_month,
        cast(null as {{ dbt.type_string() }}) as adjustment_cause
    from bills
    union all
    select
        {% for column in allocated_charge_columns() -%}
        {%- if column == 'reporting_currency' -%}
        {{ reporting_currency() }} as reporting_currency,
        {% elif column == 'fx_rate' -%}
        case when reporting_currency = {{ reporting_currency() }} then fx_rate else fx_rate_now end as fx_rate,
        {% elif column in ('reporting_billed_cost', 'reporting_effective_cost') -%}
        case
            when reporting_currency = {{ reporting_currency() }} then {{ column }}
            else {{ convert_currency(column | replace('reporting_', ''), 'fx_rate_now') }}
        end as {{ column }},
        {% else -%}
        {{ column }},
        {% endif -%}
        {% endfor -%}
        origin_billing_month,
        adjustment_cause
    from converted
    union all
    select
        {% for column in allocated_charge_columns() -%}
        {%- if column in ('allocated_charge_id', 'charge_id') -%}
        adjustment_id as {{ column }},
        {% elif column == 'credential_id' -%}
        part_credential_id as credential_id,
        {% elif column == 'charge_class' -%}
        'Correction' as charge_class,
        {% elif column == 'allocation_share' -%}
        cast(1 as decimal(38, 18)) as allocation_share,
        {% elif column in ('reporting_billed_cost', 'reporting_effective_cost') -%}
        {{ convert_currency(column | replace('reporting_', ''), 'fx_rate') }} as {{ column }},
        {% else -%}
        {{ column }},
        {% endif -%}
        {% endfor -%}
        origin_billing_month,
        adjustment_cause
    from changes

)

select * from final
