-- What cards and expense reports say was paid to AI vendors, without the persons. What is pending is no money yet, and what was reversed
-- never was. Persons are counted where a feed names them, so never too many.
with charges as (

    select * from {{ ref('fct_card_charges') }}
    where charge_status <> 'reversed'

),

teams as (

    select * from {{ ref('dim_teams') }}

),

grouped as (

    select
        billing_month,
        ai_service_id,
        vendor_name,
        team_id,
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
    from charges
    group by billing_month, ai_service_id, vendor_name, team_id, charge_currency, reporting_currency

),

final as (

    select
        grouped.billing_month,
        grouped.ai_service_id,
        grouped.vendor_name,
        grouped.team_id,
        coalesce(teams.team_name, grouped.team_id) as team_name,
        grouped.charge_currency,
        grouped.charged_cost,
        grouped.refunded_cost,
        grouped.net_cost,
        grouped.pending_cost,
        grouped.reporting_currency,
        grouped.reporting_net_cost,
        grouped.charge_count,
        grouped.refund_count,
        grouped.twice_seen_count,
        case when grouped.person_count >= {{ var('smallest_group') }} then grouped.person_count end as person_count,
        grouped.person_count < {{ var('smallest_group') }} as is_small_group,
        grouped.unknown_person_charge_count,
        grouped.least_match_score,
        grouped.first_charge_date,
        grouped.last_charge_date
    from grouped
    left join teams
        on grouped.team_id = teams.team_id
        and grouped.billing_month >= teams.valid_from
        and grouped.billing_month < teams.valid_to

)

select * from final
