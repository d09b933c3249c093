{{ config(materialized='table') }}

-- What is looked at for anomalies: a team's use of a provider, a day, measure by measure. Cost is in the currency that it is
-- known in; a day counts where its cost or usage is complete.
with accrual_days as (

    select * from {{ ref('accrual_day') }}

),

-- Fees, taxes and credits come once a month, and are no more odd for that: they are left out.
cost_days as (

    select
        usage_date,
        team_id,
        service_provider_name,
        billing_currency,
        cast(sum(known_usage_cost) as decimal(38, 12)) as cost
    from accrual_days
    where usage_date <= as_of_date
    group by usage_date, team_id, service_provider_name, billing_currency
    having count(*) = count(known_usage_cost)

),

-- Days on which the usage of all accounts is complete, and on which silence is zero.
usage_days as (

    select
        usage_date,
        team_id,
        service_provider_name,
        max(as_of_date) as as_of_date
    from accrual_days
    where usage_date <= as_of_date
        and usage_date < usage_complete_to
    group by usage_date, team_id, service_provider_name

),

tokens as (

    select
        usage_date,
        team_id,
        service_provider_name,
        cast(sum(total_tokens) as bigint) as total_tokens,
        cast(sum(cache_read_tokens + cache_read_audio_tokens + cache_read_image_tokens) as bigint) as cached_tokens,
        cast(sum(total_tokens - output_tokens - reasoning_tokens - output_audio_tokens - output_image_tokens - output_video_tokens) as bigint)
            as all_input_tokens
    from {{ ref('cost_per_team_day') }}
    group by usage_date, team_id, service_provider_name

),

calls as (

    select
        usage_date,
        team_id,
        service_provider_name,
        cast(sum(request_count) as bigint) as request_count,
        cast(sum(failed_request_count) as bigint) as failed_request_count
    from {{ ref('int_metered_usage_by_team') }}
    where failed_request_count is not null
    group by usage_date, team_id, service_provider_name

),

used as (

    select
        usage_days.*,
        coalesce(tokens.total_tokens, cast(0 as bigint)) as total_tokens,
        coalesce(tokens.cached_tokens, cast(0 as bigint)) as cached_tokens,
        coalesce(tokens.all_input_tokens, cast(0 as bigint)) as all_input_tokens,
        calls.request_count,
        calls.failed_request_count
    from usage_days
    left join tokens
        on usage_days.usage_date = tokens.usage_date
        and usage_days.team_id = tokens.team_id
        and usage_days.service_provider_name = tokens.service_provider_name
    left join calls
        on usage_days.usage_date = calls.usage_date
        and usage_days.team_id = calls.team_id
        and usage_days.service_provider_name = calls.service_provider_name

),

measured as (

    select
        usage_date,
        team_id,
        service_provider_name,
        billing_currency as cost_currency,
        'cost' as measure,
        cost as observed_value,
        cast(0 as bigint) as volume
    from cost_days
    union all
    select
        usage_date,
        team_id,
        service_provider_name,
        cast(null as {{ dbt.type_string() }}) as cost_currency,
        'tokens' as measure,
        cast(total_tokens as decimal(38, 12)) as observed_value,
        total_tokens as volume
    from used
    union all
    -- Of two currencies each has a part of the cost and all of the tokens: there is no price.
    select
        cost_days.usage_date,
        cost_days.team_id,
        cost_days.service_provider_name,
        min(cost_days.billing_currency) as cost_currency,
        'unit_price' as measure,
        {{ rate_of('sum(cost_days.cost)', 'max(used.total_tokens)', 1000000) }} as observed_value,
        max(used.total_tokens) as volume
    from cost_days
    inner join used
        on cost_days.usage_date = used.usage_date
        and cost_days.team_id = used.team_id
        and cost_days.service_provider_name = used.service_provider_name
    where used.total_tokens > 0
        and cost_days.cost > 0
    group by cost_days.usage_date, cost_days.team_id, cost_days.service_provider_name
    having count(*) = 1
    union all
    select
        usage_date,
        team_id,
        service_provider_name,
        cast(null as {{ dbt.type_string() }}) as cost_currency,
        'cache_ratio' as measure,
        {{ measure_share('cached_tokens', 'all_input_tokens') }} as observed_value,
        all_input_tokens as volume
    from used
    where all_input_tokens > 0
    union all
    select
        usage_date,
        team_id,
        service_provider_name,
        cast(null as {{ dbt.type_string() }}) as cost_currency,
        'error_rate' as measure,
        {{ measure_share('failed_request_count', 'request_count') }} as observed_value,
        request_count as volume
    from used
    where request_count > 0

),

newest as (

    select max(as_of_date) as as_of_date
    from accrual_days

),

final as (

    select
        md5(concat_ws('|', measured.measure, measured.team_id, measured.service_provider_name, coalesce(measured.cost_currency, '-'))) as measure_series_id,
        measured.usage_date,
        measured.team_id,
        measured.service_provider_name,
        measured.cost_currency,
        measured.measure,
        measured.observed_value,
        measured.volume
    from measured
    cross join newest
    where measured.usage_date > cast(newest.as_of_date - interval {{ anomaly_days() + anomaly_history_days() }} day as date)

)

select * from final
