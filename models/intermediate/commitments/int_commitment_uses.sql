{{ config(materialized='table') }}

-- The parts of a use: what each commitment pays of it, and what none does (commitment_id null).
{% set rounds = 4 %}

with draws as (

    select * from {{ ref('int_commitment_draws') }}

),

final as (

    {% for round in range(1, rounds + 1) %}
    select
        charge_id,
        billing_month,
        service_provider_name,
        billing_account_id,
        billing_currency,
        {{ round }} as draw_place,
        commitment_id_{{ round }} as commitment_id,
        used_share_{{ round }} as use_share,
        used_quantity_{{ round }} as used_quantity,
        used_cost_{{ round }} as used_cost
    from draws
    where commitment_id_{{ round }} is not null
    union all
    {% endfor %}
    select
        charge_id,
        billing_month,
        service_provider_name,
        billing_account_id,
        billing_currency,
        0 as draw_place,
        cast(null as {{ dbt.type_string() }}) as commitment_id,
        left_share as use_share,
        cast(null as decimal(38, 12)) as used_quantity,
        cast(null as decimal(38, 12)) as used_cost
    from draws
    where left_share > 0

)

select * from final
