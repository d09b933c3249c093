-- A seat of several months is spread over them, so that a month's use meets a month's price.
with lines as (

    select *
    from {{ ref('stg_enterprise_seats__register_lines') }}
    where line_kind = 'seat'
        and quarantine_reason is null

),

service_providers as (

    select * from {{ ref('service_providers') }}

),

days as (

    {{ days_between('(select min(cast(period_start as date)) from lines)', '(select max(cast(period_end as date)) from lines)') }}

),

months as (

    select distinct {{ month_of('calendar_date') }} as billing_month
    from days

),

spread as (

    select
        lines.*,
        months.billing_month,
        coalesce(service_providers.service_provider_name, lines.service_provider_name) as provider_name,
        lines.load_unit_id || '|' || cast(lines.source_line as {{ dbt.type_string() }}) as line_id,
        cast(count(*) over (partition by lines.load_unit_id, lines.source_line) as bigint) as month_count,
        row_number() over (partition by lines.load_unit_id, lines.source_line order by months.billing_month) as place
    from lines
    inner join months
        on cast(lines.period_start as date) < months.billing_month + interval 1 month
        and lines.period_end > months.billing_month
    left join service_providers
        on lines.provider_ref = service_providers.provider_ref

),

shared as (

    select
        *,
        {{ times_share('billed_cost', share_of('cast(1 as bigint)', 'month_count')) }} as part_cost
    from spread

),

costed as (

    select
        *,
        {{ with_remainder('part_cost', 'billed_cost', 'line_id', 'place') }} as month_cost,
        -- Where a file tells of anybody's use, who has none did nothing.
        max(case when last_activity_at is not null or coalesce(message_count, 0) > 0 or coalesce(credit_quantity, 0) > 0 then 1 else 0 end)
            over (partition by load_unit_id, provider_name, billing_month) as tells_use
    from shared

),

grouped as (

    select
        load_unit_id,
        min(source_line) as source_line,
        _dlt_load_id,
        provider_name,
        billing_account_id,
        billing_month,
        user_id,
        min(plan_name) as plan_name,
        sum(quantity) as seat_count,
        count(*) as line_count,
        max(tells_use) as tells_use,
        max(last_activity_at) as last_activity_at,
        -- A line without a price leaves the sum unknown.
        case when count(*) = count(month_cost) and min(billing_currency) = max(billing_currency) then sum(month_cost) end as seat_cost,
        min(billing_currency) as seat_cost_currency
    from costed
    group by load_unit_id, _dlt_load_id, provider_name, billing_account_id, billing_month, user_id

),

final as (

    select
        {{ conformed_seat({
            'source_name': "'enterprise_seats'",
            'service_provider_name': 'provider_name',
            'billing_account_id': 'billing_account_id',
            'billing_month': 'billing_month',
            'user_id': 'user_id',
            'plan_name': 'plan_name',
            'seat_count': 'seat_count',
            'assignment_count': 'line_count',
            'seen_from': 'billing_month',
            'seen_to': 'billing_month + interval 1 month',
            'tells_activity': 'tells_use = 1',
            'last_activity_at': 'last_activity_at',
            'seat_cost': 'seat_cost',
            'seat_cost_currency': 'case when seat_cost is not null then seat_cost_currency end',
        }) }}
    from grouped

)

select * from final
