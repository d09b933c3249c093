-- Cents become dollars here and nowhere else.
with cost_rows as (

    select * from {{ source('enterprise_seats', 'cost_rows') }}

),

final as (

    select
        load_unit_id,
        source_line,
        _dlt_load_id,
        organization_id,
        usage_start,
        coalesce(report, 'user_cost_report') = 'cost_report' as is_organization_total,
        user_id,
        coalesce(is_deleted, false) as is_deleted,
        coalesce(product, 'unattributed') as product_name,
        model as model_name,
        context_window as context_tier,
        cost_type,
        request_count,
        cast(cast(amount_cents as decimal(28, 12)) * cast(0.01 as decimal(3, 2)) as decimal(38, 12)) as charged_cost,
        cast(cast(list_amount_cents as decimal(28, 12)) * cast(0.01 as decimal(3, 2)) as decimal(38, 12)) as list_cost,
        upper(coalesce(currency, 'USD')) as cost_currency
    from cost_rows

)

select * from final
