-- Budgets over the small publication: days are billed up to 14 October, used up to the 19th, then open.
create table accrual_day as
with days as (
    select
        usage_date, team_id, max(cost_center_id) as cost_center_id, service_provider_name,
        billing_account_id, billing_currency, cast(sum(billed_cost) as decimal(38, 12)) as cost
    from cost_per_team_day
    group by usage_date, team_id, service_provider_name, billing_account_id, billing_currency
),
states as (
    select
        *,
        case
            when usage_date <= date '2026-10-14' then 'billed'
            when usage_date <= date '2026-10-19' then 'used'
            else 'open'
        end as day_state,
        cast(cost * cast(0.5 as decimal(2, 1)) as decimal(38, 12)) as half_cost
    from days
)
select
    concat(team_id, '-', billing_account_id, '-', billing_currency) as series_id,
    usage_date, team_id, cost_center_id, service_provider_name, billing_account_id,
    billing_currency, day_state,
    case day_state when 'billed' then cost when 'used' then half_cost end as billed_cost,
    case when day_state <> 'open' then cost end as estimated_cost,
    case day_state when 'billed' then cost when 'used' then half_cost end as billed_usage_cost,
    case when day_state <> 'open' then cost end as known_usage_cost,
    case when day_state <> 'open' then cost end as known_cost,
    case when day_state <> 'billed' then 'usage' end as completeness_basis,
    case when day_state <> 'billed' then half_cost end as shown_usage_cost,
    cast(case when day_state <> 'billed' then 0.5 end as decimal(38, 12)) as completeness_ratio,
    case when day_state <> 'billed' then cast(30 as bigint) end as completeness_day_count,
    case when day_state <> 'billed' then half_cost end as estimated_remaining_cost,
    case when day_state <> 'billed' then half_cost end as accrued_cost,
    date '2026-10-21' as as_of_date,
    date '2026-10-15' as bill_complete_to,
    date '2026-10-20' as usage_complete_to
from states;

create table dim_ai_systems as
select
    'desk' as ai_system_id, name as ai_system_name, team_id, valid_from, valid_to,
    cast(2 as bigint) as member_count
from (values
    ('Service desk', 'support', date '1970-01-01', date '2026-09-01'),
    ($hostile, 'search', date '2026-09-01', date '9999-12-31')
) as periods (name, team_id, valid_from, valid_to);

create table budget_status_period as
with budgets as (
    select * from (values
        ('b-search', 'team', 'search', 'month', 'USD', 3900, '0.5;0.8;1', 'search-leads'),
        ('b-anthropic', 'service_provider', 'Anthropic', 'month', 'USD', 2500, '0.9;1.5', $hostile),
        ('b-data', 'cost_center', 'CC-300', 'quarter', 'EUR', 9000, '0.8;1', null),
        ('b-agent', 'agent', 'triage-bot', 'month', 'USD', 50, '1', 'bots'),
        ('b-desk', 'ai_system', 'desk', 'month', 'USD', 70, '1', null)
    ) as budgets (
        budget_id, scope_kind, scope_id, budget_period, budget_currency, amount, thresholds, contact
    )
),
periods as (
    select * from (values
        ('month', date '2026-08-01', date '2026-08-31'),
        ('month', date '2026-09-01', date '2026-09-30'),
        ('month', date '2026-10-01', date '2026-10-31'),
        ('quarter', date '2026-07-01', date '2026-09-30'),
        ('quarter', date '2026-10-01', date '2026-12-31')
    ) as periods (budget_period, period_start, period_end)
),
spent as (
    select
        budgets.*, periods.period_start, periods.period_end,
        periods.period_end > date '2026-10-21' as is_current,
        cast(sum(accrual_day.billed_cost) as decimal(38, 12)) as billed_cost,
        cast(coalesce(sum(case when day_state = 'used'
            then known_cost - accrual_day.billed_cost end), 0) as decimal(38, 12))
            as accrued_usage_cost
    from budgets
    inner join periods on budgets.budget_period = periods.budget_period
    left join accrual_day
        on accrual_day.usage_date between periods.period_start and periods.period_end
        and accrual_day.billing_currency = budgets.budget_currency
        and (
            (scope_kind = 'team' and scope_id = team_id)
            or (scope_kind = 'cost_center' and scope_id = cost_center_id)
            or (scope_kind = 'service_provider' and scope_id = service_provider_name)
        )
    group by all
),
ahead as (
    select
        *,
        cast(case when is_current and billed_cost is not null then 12.5 else 0 end
            as decimal(38, 12)) as accrued_forecast_cost,
        cast(case
            when not is_current then 0
            when budget_id = 'b-anthropic' then 310.25
            when budget_id = 'b-search' then 90.75
        end as decimal(38, 12)) as remaining_cost
    from spent
),
summed as (
    select
        *,
        cast(coalesce(billed_cost, 0) + accrued_usage_cost + accrued_forecast_cost
            as decimal(38, 12)) as spent_cost
    from ahead
)
select
    budget_id, scope_kind, scope_id, budget_period, period_start, period_end,
    date '2026-10-21' as as_of_date, contact, thresholds, budget_currency,
    cast(amount as decimal(38, 12)) as budgeted_cost,
    billed_cost, accrued_usage_cost, accrued_forecast_cost, spent_cost,
    cast(spent_cost as double) / amount as spent_ratio,
    remaining_cost,
    cast(spent_cost + remaining_cost as decimal(38, 12)) as forecast_cost,
    case when is_current then cast(spent_cost + remaining_cost - 20 as decimal(38, 12)) end
        as lower_cost,
    case when is_current then cast(spent_cost + remaining_cost + 35 as decimal(38, 12)) end
        as upper_cost,
    cast(spent_cost + remaining_cost as double) / amount as forecast_ratio,
    case
        when spent_cost >= amount then 'exceeded'
        when billed_cost is null then 'no_costs'
        when remaining_cost is null then 'partly_unknown'
        when spent_cost + remaining_cost >= amount then 'will_be_exceeded'
        else 'within'
    end as budget_status,
    cast(0 as bigint) as unconverted_day_count,
    cast(0 as bigint) as unknown_day_count,
    cast(case when remaining_cost is null then 2 else 0 end as bigint) as unforecast_series_count,
    is_current
from summed;

create table budget_threshold_period as
with thresholds as (
    select
        *, cast(unnest(string_split(thresholds, ';')) as decimal(10, 4)) as threshold_ratio
    from budget_status_period
),
amounts as (
    select
        * exclude (thresholds),
        cast(cast(budgeted_cost as decimal(28, 12)) * threshold_ratio as decimal(38, 12))
            as threshold_cost
    from thresholds
)
select
    budget_id, scope_kind, scope_id, budget_period, period_start, period_end, as_of_date, contact,
    threshold_ratio, threshold_cost, spent_cost, forecast_cost, budget_currency,
    case when spent_cost >= threshold_cost then period_start + 9 end as crossed_date,
    spent_cost >= threshold_cost as is_crossed,
    coalesce(forecast_cost >= threshold_cost, false) as is_forecast_to_cross,
    is_current
from amounts;

create table cost_forecast_day as
select
    budget_id as series_id, 'budget' as series_kind, cast(null as varchar) as team_id,
    cast(null as varchar) as agent_id, cast(null as varchar) as ai_system_id,
    cast(null as varchar) as service_provider_name,
    cast(null as varchar) as billing_account_id, cast(range as date) as forecast_date,
    cast(row_number() over (partition by budget_id order by range) as integer) as days_ahead,
    'weekday_median' as forecast_method,
    cast(10.123456789012 as decimal(38, 12)) + day(range) as forecast_cost,
    cast(0 as decimal(38, 12)) as forecast_other_cost,
    cast(8.000000000001 as decimal(38, 12)) + day(range) as lower_cost,
    cast(13.5 as decimal(38, 12)) + day(range) as upper_cost,
    'USD' as cost_currency, true as is_back_tested,
    range <= date '2026-10-21' as is_accrual
from range(date '2026-10-20', date '2027-01-01', interval 1 day)
cross join (values ('b-search'), ('b-anthropic')) as budgets (budget_id);

create table forecast_backtest as
select
    series_id, series_kind, team_id, cast(null as varchar) as agent_id, ai_system_id,
    service_provider_name, billing_account_id, forecast_method, cast(horizon_days as integer) as horizon_days,
    cast(56 as bigint) as origin_count, cast(1000 as decimal(38, 12)) as actual_cost,
    cast(place * 100 + horizon_days as decimal(38, 12)) as absolute_error_cost,
    cast(-place as decimal(38, 12)) as error_cost, 'USD' as cost_currency,
    (place * 100 + horizon_days) / cast(1000 as double) as error_ratio,
    cast(case place when 1 then 28 else 0 end as bigint) as interval_count,
    cast(case place when 1 then 25 else 0 end as bigint) as held_interval_count,
    case place when 1 then 25 / cast(28 as double) end as coverage_ratio,
    place = 1 as is_winner
from (values
    ('b-search', 'budget', null, null, null, null), ('b-anthropic', 'budget', null, null, null, null),
    ('search-acme-eu-USD', 'account', 'search', null, 'Anthropic', 'acme-eu'),
    ('desk-calls', 'ai_system', null, 'desk', 'OpenAI', null)
) as series (
    series_id, series_kind, team_id, ai_system_id, service_provider_name, billing_account_id
)
cross join (values
    ('weekday_median', 1), ('weekday_mean', 2), ('last_week_mean', 3), ('same_weekday_last_week', 4)
) as methods (forecast_method, place)
cross join (values (1), (7), (14), (28)) as horizons (horizon_days);

create table anomalies_day as
select
    concat('a', place) as anomaly_id, concat('e', episode) as episode_id, usage_date,
    episode_start_date, team_id, service_provider_name, cost_currency, measure, direction,
    cast(observed as decimal(38, 12)) as observed_value,
    cast(expected as decimal(38, 12)) as expected_value,
    cast(expected * 0.5 as double) as lower_value, cast(expected * 2 as double) as upper_value,
    cast(9 as double) as robust_score, driver_kind, driver_id,
    cast(driver_share as double) as driver_share, cast(usual_share as double) as usual_share
from (values
    (1, 1, date '2026-10-19', date '2026-10-19', 'search', 'OpenAI', 'USD', 'cost', 'above',
        812.500000000001, 90.25, 'user', $hostile, 1.25, 0.1),
    (2, 2, date '2026-10-12', date '2026-10-12', 'support', 'OpenAI', null, 'tokens', 'below',
        1200, 90000, null, null, null, null),
    (3, 1, date '2026-10-20', date '2026-10-19', 'search', 'OpenAI', 'USD', 'cost', 'above',
        700, 90.25, 'ai_model', 'openai/gpt-5', 0.9, 0.4),
    (4, 3, date '2026-09-03', date '2026-09-03', 'data', 'Anthropic', null, 'error_rate', 'above',
        0.25, 0.01, 'service_tier', 'batch', 0.7, 0)
) as odd (
    place, episode, usage_date, episode_start_date, team_id, service_provider_name, cost_currency,
    measure, direction, observed, expected, driver_kind, driver_id, driver_share, usual_share
);
