{{ config(materialized='table') }}

{% set kinds = {'ai_model': 'ai_model_id', 'credential': 'credential_id', 'user': 'user_id', 'service_tier': 'service_tier'} %}
{% set outputs = ['output', 'reasoning', 'output_audio', 'output_image', 'output_video'] %}
{% set cached = ['cache_read', 'cache_read_audio', 'cache_read_image'] %}

-- What moved a measure: of a model, key, user or tier, the day against a quarter of the four days of its weekday before. Of a
-- price or a share it is what lies above or below the expected one: cost less tokens at the expected price, for one; over all
-- parts that sums to the movement. Bills tell of models, keys and tiers, observers on the way of users too.
with anomalies as (

    select * from {{ ref('int_anomaly_scores') }}
    where is_anomaly

),

days as (

    {% for week in range(5) %}
    select
        measure_series_id,
        usage_date,
        cast(usage_date - interval {{ 7 * week }} day as date) as part_date,
        {{ 'true' if week == 0 else 'false' }} as is_now,
        team_id,
        service_provider_name,
        cost_currency,
        measure,
        -- Only of a price or share, which is small, is anything taken times it.
        cast(least(expected_value, cast(1000000000 as decimal(38, 12))) as decimal(18, 6)) as expected_value
    from anomalies
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

billed as (

    select
        days.*,
        'billed' as basis,
        charges.ai_model_id,
        charges.credential_id,
        cast(null as {{ dbt.type_string() }}) as user_id,
        charges.service_tier,
        charges.billed_cost as cost,
        case when charges.consumed_unit = 'Tokens' then cast(charges.consumed_quantity as decimal(38, 0)) end as tokens,
        cast(null as decimal(38, 0)) as part_count,
        cast(null as decimal(38, 0)) as whole_count
    from days
    inner join {{ ref('fct_allocated_charges') }} as charges
        on days.part_date = charges.charge_date
        and days.team_id = charges.team_id
        and days.service_provider_name = charges.service_provider_name
        and days.cost_currency = charges.billing_currency
    where days.measure in ('cost', 'unit_price')
        and charges.charge_category = 'Usage'

),

usage_days as (

    select
        usage_date,
        team_id,
        service_provider_name,
        ai_model_id,
        credential_id,
        user_id,
        service_tier,
        request_count,
        failed_request_count,
        estimated_contracted_cost,
        {{ token_total() }} as total_tokens,
        cache_read_tokens + cache_read_audio_tokens + cache_read_image_tokens as cached_tokens,
        output_tokens + reasoning_tokens + output_audio_tokens + output_image_tokens + output_video_tokens as all_output_tokens
    from {{ ref('int_metered_usage_by_key') }}

),

metered as (

    select
        days.*,
        'metered' as basis,
        usage_days.ai_model_id,
        usage_days.credential_id,
        usage_days.user_id,
        usage_days.service_tier,
        usage_days.estimated_contracted_cost as cost,
        cast(usage_days.total_tokens as decimal(38, 0)) as tokens,
        cast(case days.measure when 'cache_ratio' then usage_days.cached_tokens else usage_days.failed_request_count end as decimal(38, 0)) as part_count,
        cast(case days.measure when 'cache_ratio' then usage_days.total_tokens - usage_days.all_output_tokens else usage_days.request_count end as decimal(38, 0)) as whole_count
    from days
    inner join usage_days
        on days.part_date = usage_days.usage_date
        and days.team_id = usage_days.team_id
        and days.service_provider_name = usage_days.service_provider_name

),

reported as (

    select
        days.*,
        'reported' as basis,
        usage_days.ai_model_id,
        usage_days.credential_id,
        cast(null as {{ dbt.type_string() }}) as user_id,
        usage_days.service_tier,
        cast(null as decimal(38, 12)) as cost,
        cast(usage_days.quantity as decimal(38, 0)) as tokens,
        cast(
            case
                when usage_days.measure in ('{{ cached | join("', '") }}') then usage_days.quantity
                else 0
            end as decimal(38, 0)
        ) as part_count,
        cast(
            case
                when usage_days.measure in ('{{ outputs | join("', '") }}') then 0
                else usage_days.quantity
            end as decimal(38, 0)
        ) as whole_count
    from days
    inner join {{ ref('int_usage_by_team') }} as usage_days
        on days.part_date = usage_days.usage_date
        and days.team_id = usage_days.team_id
        and days.service_provider_name = usage_days.service_provider_name
    where days.measure in ('tokens', 'cache_ratio')
        and usage_days.measure <> 'requests'

),

parts as (

    select * from billed
    union all
    select * from metered
    union all
    select * from reported

),

-- How much of the measure a part is, and how far it lies from what was expected of it.
weighed as (

    select
        measure_series_id,
        usage_date,
        basis,
        is_now,
        measure,
        ai_model_id,
        credential_id,
        user_id,
        service_tier,
        cast(
            case measure
                when 'cost' then cast(coalesce(cost, 0) as decimal(30, 8))
                when 'tokens' then cast(coalesce(tokens, 0) as decimal(30, 8))
                when 'unit_price' then cast(coalesce(tokens, 0) as decimal(30, 8))
                else cast(coalesce(whole_count, 0) as decimal(30, 8))
            end as decimal(30, 8)
        ) as amount,
        cast(
            case measure
                when 'unit_price'
                    then cast(cast(coalesce(cost, 0) as decimal(28, 12)) * cast(1000000 as decimal(7, 0)) as decimal(38, 6))
                        - expected_value * cast(coalesce(tokens, 0) as decimal(18, 0))
                when 'cost' then cast(0 as decimal(38, 6))
                when 'tokens' then cast(0 as decimal(38, 6))
                else cast(coalesce(part_count, 0) as decimal(38, 6))
                    - expected_value * cast(coalesce(whole_count, 0) as decimal(18, 0))
            end as decimal(38, 6)
        ) as distance
    from parts

),

drivers as (

    {% for kind, column in kinds.items() %}
    select
        measure_series_id,
        usage_date,
        basis,
        '{{ kind }}' as driver_kind,
        {{ loop.index }} as kind_place,
        {{ column }} as driver_id,
        cast(
            sum(
                case
                    when measure in ('cost', 'tokens') and is_now then 4 * amount
                    when measure in ('cost', 'tokens') then -amount
                    when is_now then distance
                end
            ) as decimal(38, 8)
        ) as moved_amount,
        cast(sum(case when is_now then cast(0 as decimal(30, 8)) else amount end) as decimal(38, 8)) as before_amount
    from weighed
    group by measure_series_id, usage_date, basis, {{ column }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

totals as (

    select
        *,
        cast(sum(moved_amount) over (partition by measure_series_id, usage_date, basis, driver_kind) as decimal(38, 8)) as all_moved_amount,
        cast(sum(before_amount) over (partition by measure_series_id, usage_date, basis, driver_kind) as decimal(38, 8)) as all_before_amount
    from drivers

),

shares as (

    select
        totals.*,
        cast(totals.moved_amount as double) / cast(totals.all_moved_amount as double) as driver_share,
        coalesce(cast(totals.before_amount as double) / nullif(cast(totals.all_before_amount as double), 0), 0) as usual_share
    from totals
    inner join anomalies
        on totals.measure_series_id = anomalies.measure_series_id
        and totals.usage_date = anomalies.usage_date
    where totals.all_moved_amount <> 0
        and totals.driver_id is not null
        -- What an observer saw that moved the other way explains nothing.
        and (totals.all_moved_amount > 0) = (anomalies.robust_score > 0)

),

-- The one that moved by most more than it usually has a part in it: a team's only key moves all of it, and says nothing.
ranked as (

    select
        *,
        row_number() over (
            partition by measure_series_id, usage_date
            order by least(driver_share, 1) - usual_share desc, kind_place, basis, driver_id
        ) as place
    from shares
    where driver_share > 0

),

final as (

    select
        measure_series_id,
        usage_date,
        driver_kind,
        driver_id,
        driver_share,
        usual_share
    from ranked
    where place = 1

)

select * from final
