-- A table is complete as far as the endpoint that lags most: one answer of ten does not speak for the
-- others, and a day that is still open does not count. Files of one source are one endpoint; a bill
-- of an open month speaks for its days, up to the day on which it was written.
with load_unit_accounts as (

    select
        *,
        split_part(load_unit_id, ':', 1) as endpoint,
        row_number() over (partition by source_name, load_unit_id order by _dlt_load_id desc) as recency
    from {{ ref('load_unit_accounts') }}

),

units as (

    select
        source_name,
        table_name,
        endpoint,
        covers_from,
        case
            when is_complete then covers_to
            when unit_kind = 'file' then least(covers_to, cast(date_trunc('day', modified_at) as timestamp))
        end as complete_to
    from load_unit_accounts
    where recency = 1
        and covers_to is not null

),

-- Of an endpoint that never was complete, nothing is: up to where it begins.
endpoints as (

    select
        source_name,
        table_name,
        endpoint,
        coalesce(max(complete_to), min(covers_from)) as complete_to
    from units
    group by source_name, table_name, endpoint

),

tables as (

    select
        source_name,
        table_name,
        min(complete_to) as complete_to
    from endpoints
    group by source_name, table_name

),

grouped as (

    select
        source_name,
        table_name,
        max(pulled_at) as last_load_at,
        cast(count(distinct load_unit_id) as bigint) as load_unit_count,
        cast(sum(records_read) as bigint) as records_read,
        cast(sum(records_loaded) as bigint) as records_loaded,
        cast(sum(records_quarantined) as bigint) as records_quarantined,
        cast(sum(records_duplicate) as bigint) as records_duplicate
    from load_unit_accounts
    group by source_name, table_name

),

final as (

    select
        grouped.source_name,
        grouped.table_name,
        grouped.last_load_at,
        tables.complete_to,
        grouped.load_unit_count,
        grouped.records_read,
        grouped.records_loaded,
        grouped.records_quarantined,
        grouped.records_duplicate
    from grouped
    left join tables
        on grouped.source_name = tables.source_name
        and grouped.table_name = tables.table_name

)

select * from final
