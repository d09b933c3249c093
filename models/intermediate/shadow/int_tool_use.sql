{{ config(materialized='table') }}

-- What persons used of tools that are sold by the seat, a day and record: reports of the tools and their vendors, and calls that nobody but
-- the tool saw. What was billed as API use needs no seat.
with reports as (

    select * from {{ ref('fct_tool_usage') }}
    where user_id is not null
        and coalesce(customer_type, 'subscription') = 'subscription'

),

calls as (

    select * from {{ ref('fct_requests') }}
    where observer_kind = 'tool'
        and user_id is not null

),

final as (

    select
        source_name,
        load_unit_id,
        source_line,
        usage_date,
        seat_provider_name,
        billing_account_id,
        lower(vendor_account_id) as vendor_account_id,
        user_id,
        case report_scope when 'vendor' then 1 when 'product' then 2 else 3 end as report_rank,
        request_count as call_count,
        api_list_cost,
        api_cost_currency
    from reports
    where total_tokens > 0
        or coalesce(request_count, 0) > 0
        or coalesce(session_count, 0) > 0
        or coalesce(interaction_count, 0) > 0
        or coalesce(credit_quantity, 0) > 0
    union all
    select
        source_name,
        load_unit_id,
        min(source_line) as source_line,
        usage_date,
        coalesce(gateway_name, service_provider_name) as seat_provider_name,
        'unknown' as billing_account_id,
        cast(null as {{ dbt.type_string() }}) as vendor_account_id,
        user_id,
        4 as report_rank,
        cast(count(*) as bigint) as call_count,
        case when sum(unpriced_tokens) = 0 then cast(sum(estimated_list_cost) as decimal(38, 12)) end as api_list_cost,
        estimated_cost_currency as api_cost_currency
    from calls
    group by source_name, load_unit_id, usage_date, coalesce(gateway_name, service_provider_name), user_id, estimated_cost_currency

)

select * from final
