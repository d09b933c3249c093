-- A bill by the day of what was paid for: GPU hours at their price, or the day's part of an amount.
with lines as (

    select * from {{ ref('stg_gpu_costs__lines') }}

),

bounds as (

    select
        cast(min(period_start) as date) as first_date,
        cast(max(period_end) as date) as last_date
    from lines
    where quarantine_reason is null

),

days as (

    {{ days_between('(select first_date from bounds)', '(select last_date from bounds)') }}

),

lived as (

    select
        lines.*,
        days.calendar_date as usage_date,
        cast(
            least({{ epoch_seconds('lines.period_end') }}, {{ epoch_seconds('cast(days.calendar_date as timestamp)') }} + 86400)
            - greatest({{ epoch_seconds('lines.period_start') }}, {{ epoch_seconds('cast(days.calendar_date as timestamp)') }})
            as bigint
        ) as paid_seconds
    from lines
    inner join days
        on days.calendar_date >= cast(lines.period_start as date)
        and days.calendar_date <= cast(lines.period_end as date)
    where lines.quarantine_reason is null

),

parted as (

    select
        *,
        row_number() over (partition by load_unit_id, source_line order by paid_seconds desc, usage_date) as place,
        case
            when amount is not null
                then {{ times_share('amount', share_of('paid_seconds', 'period_seconds')) }}
            else {{ times_share(
                'cast(price_per_gpu_hour as decimal(20, 12)) * cast(gpu_count * 24 as decimal(10, 0))',
                share_of('paid_seconds', '86400')
            ) }}
        end as part_cost
    from lived
    where paid_seconds > 0

),

final as (

    select
        cast('gpu_costs' as {{ dbt.type_string() }}) as source_name,
        load_unit_id,
        source_line,
        _dlt_load_id,
        usage_date,
        service_provider_name,
        billing_account_id,
        pool_id,
        instance_id,
        gpu_model,
        gpu_count,
        gpus_per_engine,
        paid_seconds,
        cast(gpu_count * paid_seconds as bigint) as gpu_seconds,
        case
            when usage_date = cast(period_start as date) then period_start
            else cast(usage_date as timestamp)
        end as paid_from,
        case
            when usage_date = cast(period_end as date) then period_end
            else cast(usage_date as timestamp) + interval 1 day
        end as paid_to,
        billing_currency,
        cast(
            case
                when amount is null then part_cost
                else {{ with_remainder('part_cost', 'amount', 'load_unit_id, source_line', 'place') }}
            end as decimal(38, 12)
        ) as billed_cost,
        is_billed_elsewhere,
        charge_description
    from parted

)

select * from final
