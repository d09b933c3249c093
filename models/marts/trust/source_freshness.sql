with load_unit_accounts as (

    select * from {{ ref('load_unit_accounts') }}

),

final as (

    select
        source_name,
        table_name,
        max(pulled_at) as last_load_at,
        max(case when is_complete then covers_to end) as complete_to,
        cast(count(distinct load_unit_id) as bigint) as load_unit_count,
        cast(sum(records_read) as bigint) as records_read,
        cast(sum(records_loaded) as bigint) as records_loaded,
        cast(sum(records_quarantined) as bigint) as records_quarantined,
        cast(sum(records_duplicate) as bigint) as records_duplicate
    from load_unit_accounts
    group by source_name, table_name

)

select * from final
