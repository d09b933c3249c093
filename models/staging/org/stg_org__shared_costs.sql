with shared_costs as (

    select * from {{ source('org', 'shared_costs') }}

),

final as (

    select
        service_provider_name,
        charge_category,
        sub_account_id,
        method,
        -- The cost is what a rule goes by that names nothing else.
        case when method in ('proportional', 'tiered') then coalesce(allocation_driver, 'cost') end as allocation_driver,
        team_id,
        share,
        tier_start,
        tier_weight,
        valid_from,
        valid_to,
        load_unit_id,
        source_line,
        _dlt_load_id
    from shared_costs

)

select * from final
