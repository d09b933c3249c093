-- The id leaves out the amount: a budget that is raised stays the one that people were told about.
with budgets as (

    select * from {{ ref('stg_org__budgets') }}

),

final as (

    select
        md5(concat_ws(
            '|', scope_kind, scope_id, budget_period, cast(coalesce(valid_from, cast('1970-01-01' as date)) as {{ dbt.type_string() }})
        )) as budget_id,
        scope_kind,
        scope_id,
        budget_period,
        contact,
        coalesce(thresholds, '1') as thresholds,
        budgeted_cost,
        budget_currency,
        coalesce(valid_from, cast('1970-01-01' as date)) as valid_from,
        coalesce(valid_to, cast('9999-12-31' as date)) as valid_to
    from budgets

)

select * from final
