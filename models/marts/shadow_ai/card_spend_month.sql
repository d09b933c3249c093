-- What cards and expense reports say was paid to AI vendors, without the persons. What is pending is no money yet, and what was reversed
-- never was. Persons are counted where a feed names them, so never too many. What a team's few persons paid stands in one line of the service and
-- month, which names no team.
with charges as (

    select * from {{ ref('fct_card_charges') }}
    where charge_status <> 'reversed'

),

teams as (

    select * from {{ ref('dim_teams') }}

),

sized as (

    select
        billing_month,
        ai_service_id,
        vendor_name,
        team_id,
        charge_currency,
        {{ is_few(['count(distinct user_id)']) }} as is_few
    from charges
    group by billing_month, ai_service_id, vendor_name, team_id, charge_currency

),

placed as (

    select
        charges.*,
        case when sized.is_few then {{ suppressed() }} else charges.team_id end as shown_team_id
    from charges
    inner join sized
        on charges.billing_month = sized.billing_month
        and charges.ai_service_id = sized.ai_service_id
        and charges.vendor_name = sized.vendor_name
        and charges.team_id = sized.team_id
        and charges.charge_currency = sized.charge_currency

),

grouped as (

    select
        billing_month,
        ai_service_id,
        vendor_name,
        shown_team_id as team_id,
        charge_currency,
        reporting_currency,
        cast(coalesce(sum(case when charge_status = 'posted' and not is_refund then charged_cost end), 0) as decimal(38, 12)) as charged_cost,
        cast(coalesce(sum(case when charge_status = 'posted' and is_refund then charged_cost end), 0) as decimal(38, 12)) as refunded_cost,
        cast(coalesce(sum(case when charge_status = 'posted' then charged_cost end), 0) as decimal(38, 12)) as net_cost,
        cast(coalesce(sum(case when charge_status = 'pending' then charged_cost end), 0) as decimal(38, 12)) as pending_cost,
        -- A sum without those of which no rate is known would be too small.
        case
            when count(reporting_charged_cost) = count(charged_cost)
                then cast(coalesce(sum(case when charge_status = 'posted' then reporting_charged_cost end), 0) as decimal(38, 12))
        end as reporting_net_cost,
        cast(sum(case when is_refund then 0 else 1 end) as bigint) as charge_count,
        cast(sum(case when is_refund then 1 else 0 end) as bigint) as refund_count,
        cast(sum(case when evidence_kind = 'both' then 1 else 0 end) as bigint) as twice_seen_count,
        cast(count(distinct user_id) as bigint) as person_count,
        cast(sum(case when user_id is null then 1 else 0 end) as bigint) as unknown_person_charge_count,
        min(match_score) as least_match_score,
        min(charge_date) as first_charge_date,
        max(charge_date) as last_charge_date
    from placed
    group by billing_month, ai_service_id, vendor_name, shown_team_id, charge_currency, reporting_currency

),

counted as (

    select
        *,
        {{ is_few(['person_count']) }} as is_small_group
    from grouped

),

final as (

    select
        counted.billing_month,
        counted.ai_service_id,
        counted.vendor_name,
        counted.team_id,
        coalesce(teams.team_name, counted.team_id) as team_name,
        counted.charge_currency,
        counted.charged_cost,
        counted.refunded_cost,
        counted.net_cost,
        counted.pending_cost,
        counted.reporting_currency,
        counted.reporting_net_cost,
        {{ unless_few('counted.is_small_group', 'counted.charge_count') }} as charge_count,
        {{ unless_few('counted.is_small_group', 'counted.refund_count') }} as refund_count,
        {{ unless_few('counted.is_small_group', 'counted.twice_seen_count') }} as twice_seen_count,
        {{ count_of_many('counted.person_count') }} as person_count,
        counted.is_small_group,
        {{ unless_few('counted.is_small_group', 'counted.unknown_person_charge_count') }} as unknown_person_charge_count,
        counted.least_match_score,
        {{ day_unless_few('counted.is_small_group', 'counted.first_charge_date') }} as first_charge_date,
        {{ day_unless_few('counted.is_small_group', 'counted.last_charge_date') }} as last_charge_date
    from counted
    left join teams
        on counted.team_id = teams.team_id
        and counted.billing_month >= teams.valid_from
        and counted.billing_month < teams.valid_to

)

select * from final
