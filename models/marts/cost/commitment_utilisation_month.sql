-- Whether capacity and credits that are paid for in advance are used, and from how much use on they pay: against
-- the same use at the prices without them. What a bill tells of a commitment counts before the register.
{% set columns = [
    'billing_month', 'service_provider_name', 'billing_account_id', 'commitment_id', 'billing_currency',
    'commitment_name', 'commitment_kind', 'commitment_unit', 'bought_quantity', 'used_quantity', 'unused_quantity',
    'bought_cost', 'used_cost', 'unused_cost', 'on_demand_cost', 'uncovered_cost',
] %}

with billed as (

    select * from {{ ref('int_billed_commitments') }}

),

registered as (

    select registered.*
    from {{ ref('int_registered_commitments') }} as registered
    anti join billed
        on registered.service_provider_name = billed.service_provider_name
        and registered.billing_account_id = billed.billing_account_id
        and registered.commitment_id = billed.commitment_id

),

commitments as (

    {% for source in ['billed', 'registered'] %}
    select
        {{ columns | join(',\n        ') }},
        '{{ source }}' as told_by
    from {{ source }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

measured as (

    select
        *,
        -- By quantity where it is told, else by the money that is spread over it.
        case
            when used_quantity + unused_quantity > 0
                then {{ ratio_of(not_below_zero('used_quantity'), 'used_quantity + unused_quantity') }}
            when coalesce(used_cost, 0) + coalesce(unused_cost, 0) > 0
                then {{ ratio_of(not_below_zero('coalesce(used_cost, 0)'), 'coalesce(used_cost, 0) + coalesce(unused_cost, 0)') }}
        end as utilisation_ratio,
        case
            when on_demand_cost + uncovered_cost > 0
                then {{ ratio_of(not_below_zero('on_demand_cost'), 'on_demand_cost + uncovered_cost') }}
        end as coverage_ratio,
        {{ ratio_of('coalesce(used_cost, 0) + coalesce(unused_cost, 0)', 'on_demand_cost') }} as price_ratio
    from commitments

),

final as (

    select
        {{ columns | join(',\n        ') }},
        told_by,
        utilisation_ratio,
        coverage_ratio,
        utilisation_ratio * price_ratio as break_even_ratio,
        cast(on_demand_cost - coalesce(used_cost, 0) - coalesce(unused_cost, 0) as decimal(38, 12)) as saved_cost
    from measured

)

select * from final
