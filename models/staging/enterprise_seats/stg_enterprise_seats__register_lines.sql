with lines as (

    select * from {{ source('enterprise_seats', 'register_lines') }}

),

final as (

    select
        load_unit_id,
        source_line,
        _dlt_load_id,
        service_provider_name,
        lower(service_provider_name) as provider_ref,
        coalesce(billing_account_id, 'unknown') as billing_account_id,
        case
            when line_kind is null or lower(line_kind) in ('seat', 'seats', 'license', 'licence', 'subscription') then 'seat'
            when lower(line_kind) in ('credit', 'credits') then 'credits'
            when lower(line_kind) in ('api', 'usage', 'metered') then 'api'
        end as line_kind,
        cast(period_start as timestamp) as period_start,
        coalesce(period_end, cast(date_trunc('month', period_start) + interval 1 month as timestamp)) as period_end,
        user_id,
        lower(plan_name) as plan_name,
        coalesce(quantity, case when line_kind is null or lower(line_kind) like 'seat%' then cast(1 as decimal(38, 12)) end) as quantity,
        unit as unit_name,
        amount as billed_cost,
        upper(currency) as billing_currency,
        last_activity_at,
        message_count,
        credit_quantity,
        case
            when lower(line_kind) not in ('seat', 'seats', 'license', 'licence', 'subscription', 'credit', 'credits', 'api', 'usage', 'metered')
                then 'unknown_line_kind'
            when period_end <= period_start then 'period_ends_before_it_begins'
            when amount is not null and length(coalesce(currency, '')) <> 3 then 'bad_currency'
            when quantity < 0 then 'negative_quantity'
        end as quarantine_reason
    from lines

)

select * from final
