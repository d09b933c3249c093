{{ config(materialized='table') }}

{% set usage_amounts = {
    'cost': 'cast(coalesce(estimated_contracted_cost, 0) as decimal(38, 12))',
    'tokens': 'cast(' ~ token_total() ~ ' as decimal(38, 12))',
    'cache_ratio': 'cast(input_uncached_tokens as decimal(38, 12))',
    'error_rate': 'cast(coalesce(failed_request_count, 0) as decimal(38, 12))',
} %}
{% set kinds = {'ai_model': 'ai_model_id', 'credential': 'credential_id', 'user': 'user_id', 'service_tier': 'service_tier'} %}

-- What moved a measure: of a model, key, user or tier, the day against a quarter of the four days of its weekday before. Bills
-- tell of models, keys and tiers, observers on the way of users too; for a price or a share, what is above its line is looked at.
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
        case measure when 'unit_price' then 'cost' else measure end as moved
    from anomalies
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

billed as (

    select
        days.measure_series_id,
        days.usage_date,
        days.is_now,
        'billed' as basis,
        charges.ai_model_id,
        charges.credential_id,
        cast(null as {{ dbt.type_string() }}) as user_id,
        charges.service_tier,
        charges.billed_cost as amount
    from days
    inner join {{ ref('fct_allocated_charges') }} as charges
        on days.part_date = charges.charge_date
        and days.team_id = charges.team_id
        and days.service_provider_name = charges.service_provider_name
        and days.cost_currency = charges.billing_currency
    where days.moved = 'cost'

),

metered as (

    {% for moved, amount in usage_amounts.items() %}
    select
        days.measure_series_id,
        days.usage_date,
        days.is_now,
        'metered' as basis,
        usage_days.ai_model_id,
        usage_days.credential_id,
        usage_days.user_id,
        usage_days.service_tier,
        {{ amount }} as amount
    from days
    inner join {{ ref('int_metered_usage_by_key') }} as usage_days
        on days.part_date = usage_days.usage_date
        and days.team_id = usage_days.team_id
        and days.service_provider_name = usage_days.service_provider_name
    where days.moved = '{{ moved }}'
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

reported as (

    select
        days.measure_series_id,
        days.usage_date,
        days.is_now,
        'reported' as basis,
        usage_days.ai_model_id,
        usage_days.credential_id,
        cast(null as {{ dbt.type_string() }}) as user_id,
        usage_days.service_tier,
        cast(usage_days.quantity as decimal(38, 12)) as amount
    from days
    inner join {{ ref('int_usage_by_team') }} as usage_days
        on days.part_date = usage_days.usage_date
        and days.team_id = usage_days.team_id
        and days.service_provider_name = usage_days.service_provider_name
    where (days.moved = 'tokens' and usage_days.measure <> 'requests')
        or (days.moved = 'cache_ratio' and usage_days.measure = 'input_uncached')

),

parts as (

    select * from billed
    union all
    select * from metered
    union all
    select * from reported

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
        cast(sum(case when is_now then 4 * amount else -amount end) as decimal(38, 12)) as moved_amount,
        cast(sum(case when is_now then cast(0 as decimal(38, 12)) else amount end) as decimal(38, 12)) as before_amount
    from parts
    group by measure_series_id, usage_date, basis, {{ column }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

totals as (

    select
        *,
        cast(sum(moved_amount) over (partition by measure_series_id, usage_date, basis, driver_kind) as decimal(38, 12)) as all_moved_amount,
        cast(sum(before_amount) over (partition by measure_series_id, usage_date, basis, driver_kind) as decimal(38, 12)) as all_before_amount
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
        -- More of what was not cached is a lower ratio.
        and (totals.all_moved_amount > 0) = case anomalies.measure
            when 'cache_ratio' then anomalies.robust_score < 0
            else anomalies.robust_score > 0
        end

),

-- The one that moved by most more than it usually has a part in it: a team's only key moves all of it, and says nothing.
ranked as (

    select
        *,
        row_number() over (
            partition by measure_series_id, usage_date
            order by driver_share - usual_share desc, kind_place, basis, driver_id
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
