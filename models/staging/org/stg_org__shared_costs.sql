with shared_costs as (

    select * from {{ source('org', 'shared_costs') }}

),

final as (

    select
        service_provider_name,
        charge_category,
        sub_account_id,
        method,
        team_id,
        share,
        valid_from,
        valid_to,
        load_unit_id,
        source_line,
        _dlt_load_id
    from shared_costs

)

select * from final
