{{ config(materialized='table') }}

-- What bills and rules say now of closed months, less what was closed of them, corrections that were closed since
-- included. A correction says what it is of in the words of the largest charge that it is made of.
{% set key = charge_key_columns() %}
{% set measures = ['billed_cost', 'effective_cost', 'consumed_quantity'] %}
{% set estimates = ['list_cost', 'contracted_cost'] %}

with current_rows as (

    select
        {% for column in charge_columns() if column not in measures + estimates + ['billing_month'] -%}
        charges.{{ column }},
        {% endfor -%}
        charges.billing_month as origin_billing_month,
        parts.team_id,
        parts.credential_id as part_credential_id,
        parts.allocation_method,
        parts.allocation_rule,
        1 as is_current,
    {% for measure in measures + estimates -%}
    parts.{{ measure }}{{ ',' if not loop.last }}
    {% endfor %}
    from {{ ref('int_allocated_bills') }} as parts
    inner join {{ ref('int_amortised_charges') }} as charges
        on parts.charge_id = charges.charge_id
    inner join {{ ref('int_posting_months') }} as closed_months
        on charges.billing_month = closed_months.origin_billing_month

),

closed_rows as (

    select
        {% for column in charge_columns() if column not in measures + estimates + ['billing_month'] -%}
        charges.{{ column }},
        {% endfor -%}
        charges.origin_billing_month,
        parts.team_id,
        parts.credential_id as part_credential_id,
        parts.allocation_method,
        parts.allocation_rule,
        0 as is_current,
    {% for measure in measures + estimates -%}
    -parts.{{ measure }} as {{ measure }}{{ ',' if not loop.last }}
    {% endfor %}
    from {{ ref('stg_ledger__allocated_charges') }} as parts
    inner join {{ ref('stg_ledger__charges') }} as charges
        on parts.charge_id = charges.charge_id
    {# A correction that was closed with its own month counts to the month that it corrects, if that one is closed. #}
    inner join {{ ref('int_posting_months') }} as closed_months
        on charges.origin_billing_month = closed_months.origin_billing_month

),

united as (

    select * from current_rows
    union all
    select * from closed_rows

),

keyed as (

    select
        *,
        md5(concat_ws(
            '|',
            {% for column in key -%}
            coalesce(cast({{ column }} as {{ dbt.type_string() }}), '-'){{ ',' if not loop.last }}
            {% endfor %}
        )) as charge_key
    from united

),

compared as (

    select
        *,
        {% for measure in measures -%}
        cast(sum(coalesce({{ measure }}, 0)) over (partition by charge_key, team_id, part_credential_id) as decimal(38, 12)) as changed_{{ measure }},
        cast(sum(coalesce({{ measure }}, 0)) over (partition by charge_key) as decimal(38, 12)) as key_{{ measure }},
        {% endfor -%}
        {% for measure in estimates -%}
        cast(
            case
                when count({{ measure }}) over (partition by charge_key, team_id, part_credential_id)
                    = count(*) over (partition by charge_key, team_id, part_credential_id)
                    then sum({{ measure }}) over (partition by charge_key, team_id, part_credential_id)
            end as decimal(38, 12)
        ) as changed_{{ measure }},
        {% endfor -%}
        max(is_current) over (partition by charge_key) as is_billed_now,
        min(is_current) over (partition by charge_key) as is_only_new,
        row_number() over (
            partition by charge_key, team_id, part_credential_id
            order by is_current desc, abs(billed_cost) desc, charge_id, allocation_rule
        ) as place
    from keyed

),

final as (

    select
        md5(concat_ws(
            '|',
            'adjustment',
            cast(posting_months.billing_month as {{ dbt.type_string() }}),
            compared.charge_key,
            compared.team_id,
            coalesce(compared.part_credential_id, '-')
        )) as adjustment_id,
        posting_months.billing_month,
        {% for column in charge_columns() if column not in measures + estimates + ['billing_month', 'charge_id'] -%}
        compared.{{ column }},
        {% endfor -%}
        compared.origin_billing_month,
        compared.team_id,
        compared.part_credential_id,
        compared.allocation_method,
        compared.allocation_rule,
        case
            when compared.is_only_new = 1 then 'late_charge'
            when compared.is_billed_now = 0 then 'withdrawn_charge'
            when compared.key_billed_cost = 0 and compared.key_effective_cost = 0 and compared.key_consumed_quantity = 0
                then 'reallocated'
            else 'restated_charge'
        end as adjustment_cause,
    {% for measure in measures + estimates -%}
    compared.changed_{{ measure }} as {{ measure }}{{ ',' if not loop.last }}
    {% endfor %}
    from compared
    inner join {{ ref('int_posting_months') }} as posting_months
        on compared.origin_billing_month = posting_months.origin_billing_month
    where compared.place = 1
        and (compared.changed_billed_cost <> 0 or compared.changed_effective_cost <> 0 or compared.changed_consumed_quantity <> 0)

)

select * from final
