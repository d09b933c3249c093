with acceptances as (

    select * from {{ source('org', 'statement_acceptances') }}

),

final as (

    select
        {{ month_of('billing_month') }} as billing_month,
        team_id,
        billing_currency,
        acceptance_state,
        statement_cost,
        disputed_cost,
        service_name,
        decided_by,
        decided_on,
        reason,
        load_unit_id,
        source_line,
        _dlt_load_id
    from acceptances

)

select * from final
