with chargeback_fees as (

    select * from {{ source('org', 'chargeback_fees') }}

),

final as (

    select
        fee_name,
        team_id,
        fee_percent,
        monthly_amount,
        case when monthly_amount is not null then currency end as currency,
        recovery_account,
        recovery_cost_center_id,
        valid_from,
        valid_to,
        load_unit_id,
        source_line,
        _dlt_load_id
    from chargeback_fees

)

select * from final
