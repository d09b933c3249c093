-- Whether capacity and credits that are paid for in advance are used, and from how much use on they pay: against
-- the same use at the prices without them. What a month's bill tells of a commitment's use counts before the register;
-- a bill that only sells it says nothing of its use, in that month or in others: there the register counts.
{% set columns = [
    'billing_month', 'service_provider_name', 'billing_account_id', 'commitment_id', 'billing_currency',
    'commitment_name', 'commitment_kind', 'commitment_unit', 'bought_quantity', 'used_quantity', 'unused_quantity',
    'bought_cost', 'used_cost', 'unused_cost', 'on_demand_cost', 'uncovered_cost',
] %}

with told as (

    select * from {{ ref('int_billed_commitments') }}
    where coalesce(used_quantity, unused_quantity, used_cost, unused_cost) is not null

),

registered as (

    select registered.*
    from {{ ref('int_registered_commitments') }} as registered
    anti join told
        on registered.billing_month = told.billing_month
        and registered.service_provider_name = told.service_provider_name
        and registered.billing_account_id = told.billing_account_id
        and registered.commitment_id = told.commitment_id

),

sold as (

    select sold.*
    from {{ ref('int_billed_commitments') }} as sold
    anti join registered
        on sold.billing_month = registered.billing_month
        and sold.service_provider_name = registered.service_provider_name
        and sold.billing_account_id = registered.billing_account_id
        and sold.commitment_id = registered.commitment_id
    where coalesce(sold.used_quantity, sold.unused_quantity, sold.used_cost, sold.unused_cost) is null

),

commitments as (

    {% for source, told_by in {'told': 'billed', 'sold': 'billed', 'registered': 'registered'}.items() %}
    select
        {{ columns | join(',\n        ') }},
        '{{ told_by }}' as told_by
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
        case
            when on_demand_cost > 0 then {{ ratio_of('coalesce(used_cost, 0) + coalesce(unused_cost, 0)', 'on_demand_cost') }}
        end as price_ratio
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
