-- The ledger's charges: of closed months as they were closed, of open ones as the bills say now, and what has been
-- found out about closed ones since.
{% set measures = ['billed_cost', 'effective_cost', 'consumed_quantity', 'list_cost', 'contracted_cost'] %}

with closed as (

    select * from {{ ref('stg_ledger__charges') }}

),

bills as (

    select * from {{ ref('int_amortised_charges') }}
    where billing_month not in (select origin_billing_month from {{ ref('int_posting_months') }})

),

changes as (

    select * from {{ ref('int_ledger_changes') }}

),

final as (

    select
        {{ charge_columns() | join(',\n        ') }},
        billing_month as origin_billing_month,
        cast(null as {{ dbt.type_string() }}) as adjustment_cause
    from bills
    union all
    select
        {{ charge_columns() | join(',\n        ') }},
        origin_billing_month,
        adjustment_cause
    from closed
    union all
    select
        {% for column in charge_columns() -%}
        {%- if column == 'charge_id' -%}
        adjustment_id as charge_id,
        {% elif column == 'billing_period_start' -%}
        cast(billing_month as timestamp) as billing_period_start,
        {% elif column == 'billing_period_end' -%}
        cast({{ next_month('billing_month') }} as timestamp) as billing_period_end,
        {% elif column == 'charge_class' -%}
        'Correction' as charge_class,
        {% elif column == 'charge_description' -%}
        concat_ws(
            ': ', 'Correction of ' || substring(cast(origin_billing_month as {{ dbt.type_string() }}), 1, 7), charge_description
        ) as charge_description,
        {% elif column in ('pricing_quantity', 'pricing_currency_effective_cost', 'commitment_discount_quantity') -%}
        cast(null as decimal(38, 12)) as {{ column }},
        {% else -%}
        {{ column }},
        {% endif -%}
        {% endfor -%}
        origin_billing_month,
        adjustment_cause
    from changes

)

select * from final
