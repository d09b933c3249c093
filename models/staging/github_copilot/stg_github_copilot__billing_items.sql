-- The amounts are the bill: price times quantity is not always what is charged.
with items as (

    select * from {{ source('github_copilot', 'billing_items') }}

),

owed as (

    select
        *,
        coalesce(
            net_amount,
            cast(cast(gross_amount as decimal(28, 12)) - cast(coalesce(discount_amount, 0) as decimal(28, 12)) as decimal(38, 12))
        ) as charged_cost,
        lower(replace(replace(coalesce(unit_type, ''), '-', ''), ' ', '')) as unit_word
    from items

),

final as (

    select
        load_unit_id,
        source_line,
        _dlt_load_id,
        organization_id,
        cast(usage_date as timestamp) as usage_start,
        case
            when is_month then cast(usage_date as timestamp) + interval 1 month
            else cast(usage_date as timestamp) + interval 1 day
        end as usage_end,
        product as product_name,
        sku as sku_id,
        model as model_name,
        unit_type,
        case
            when unit_word = 'aicredits' then 'AI credits'
            when unit_word = 'requests' then 'Requests'
            when unit_word like 'user%' or unit_word like 'seat%' then 'Seats'
            else unit_type
        end as consumed_unit,
        price_per_unit,
        gross_quantity,
        coalesce(
            net_quantity,
            cast(cast(gross_quantity as decimal(28, 12)) - cast(discount_quantity as decimal(28, 12)) as decimal(38, 12))
        ) as net_quantity,
        gross_amount as list_cost,
        charged_cost,
        'USD' as cost_currency,
        user_id,
        organization as organization_name,
        repository as repository_name,
        cost_center as cost_center_name,
        case when charged_cost is null then 'missing_cost' end as quarantine_reason
    from owed

)

select * from final
