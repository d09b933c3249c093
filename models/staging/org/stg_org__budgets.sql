with budgets as (

    select * from {{ source('org', 'budgets') }}

),

final as (

    select
        scope_kind,
        scope_id,
        period as budget_period,
        amount as budgeted_cost,
        upper(currency) as budget_currency,
        replace(thresholds, ' ', '') as thresholds,
        contact,
        valid_from,
        valid_to,
        load_unit_id,
        source_line,
        _dlt_load_id
    from budgets

)

select * from final
