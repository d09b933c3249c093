-- Days of one episode follow each other by no more than three days, on the same side: people are told of it once.
with scores as (

    select
        *,
        case when robust_score > 0 then 'above' else 'below' end as direction
    from {{ ref('int_anomaly_scores') }}
    where is_anomaly

),

drivers as (

    select * from {{ ref('int_anomaly_drivers') }}

),

neighbours as (

    select
        *,
        lag(usage_date) over (partition by measure_series_id, direction order by usage_date) as previous_date
    from scores

),

episodes as (

    select
        *,
        max(
            case when previous_date is null or previous_date < cast(usage_date - interval 3 day as date) then usage_date end
        ) over (
            partition by measure_series_id, direction
            order by usage_date
            rows between unbounded preceding and current row
        ) as episode_start_date
    from neighbours

),

final as (

    select
        md5(concat_ws('|', episodes.measure_series_id, cast(episodes.usage_date as {{ dbt.type_string() }}))) as anomaly_id,
        md5(concat_ws('|', episodes.measure_series_id, episodes.direction, cast(episodes.episode_start_date as {{ dbt.type_string() }}))) as episode_id,
        episodes.usage_date,
        episodes.episode_start_date,
        episodes.team_id,
        episodes.service_provider_name,
        episodes.cost_currency,
        episodes.measure,
        episodes.direction,
        episodes.observed_value,
        episodes.expected_value,
        case
            when episodes.is_by_ratio then {{ range_end('episodes', '-') }}
            else cast(episodes.expected_value as double) - {{ anomaly_score() }} * episodes.spread
        end as lower_value,
        case
            when episodes.is_by_ratio then {{ range_end('episodes', '') }}
            else cast(episodes.expected_value as double) + {{ anomaly_score() }} * episodes.spread
        end as upper_value,
        episodes.robust_score,
        drivers.driver_kind,
        -- That it was one user is told, and not which.
        case when drivers.driver_kind <> 'user' then drivers.driver_id end as driver_id,
        drivers.driver_share,
        drivers.usual_share
    from episodes
    left join drivers
        on episodes.measure_series_id = drivers.measure_series_id
        and episodes.usage_date = drivers.usage_date

)

select * from final
