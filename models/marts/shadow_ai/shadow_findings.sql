-- Three figures that are never made one: risk (its terms beside it), confidence (how many families of signals agree) and money (billed, on
-- cards, estimated). Whoever is named is counted; of fewer than the smallest group it is said that they are there, and no measure of what they did.
with findings as (

    select
        *,
        {{ is_few(['person_count', 'address_count'], 'is_about_persons') }} as is_small_group
    from {{ ref('int_shadow_findings') }}

),

states as (

    select * from {{ ref('int_shadow_states') }}

),

risks as (

    select * from {{ ref('int_shadow_risks') }}

),

services as (

    select * from {{ ref('dim_ai_services') }}

),

teams as (

    select * from {{ ref('dim_teams') }}

),

seat_estimates as (

    select
        finding_id,
        {{ sum_of_known('reporting_estimated_cost', 'estimated_cost') }} as reporting_estimated_cost
    from {{ ref('int_shadow_seat_estimates') }}
    group by finding_id

),

final as (

    select
        findings.finding_id,
        findings.team_id,
        findings.ai_service_id,
        findings.finding_kind,
        coalesce(teams.team_name, findings.team_id) as team_name,
        services.ai_service_name,
        services.vendor_name,
        services.ai_service_category,
        {{ day_unless_few('findings.is_small_group', 'findings.first_seen_date') }} as first_seen_date,
        {{ day_unless_few('findings.is_small_group', 'findings.last_seen_date') }} as last_seen_date,
        {{ count_of_many('findings.person_count') }} as person_count,
        {{ count_of_many('findings.address_count') }} as address_count,
        findings.is_small_group,
        {{ unless_few('findings.is_small_group', 'findings.call_count') }} as call_count,
        {{ unless_few('findings.is_small_group', 'findings.uploaded_bytes') }} as uploaded_bytes,
        {{ unless_few('findings.is_small_group', 'findings.signal_count') }} as signal_count,
        findings.signal_families,
        findings.signal_family_count,
        findings.match_confidence,
        risks.exposure_class,
        risks.exposure_factor,
        risks.vendor_class,
        risks.vendor_factor,
        risks.control_class,
        risks.control_factor,
        cast(risks.exposure_factor * risks.vendor_factor * risks.control_factor as decimal(9, 6)) as risk_score,
        {{ reporting_currency() }} as reporting_currency,
        findings.reporting_billed_cost,
        {{ unless_few('findings.is_small_group', 'findings.reporting_card_cost') }} as reporting_card_cost,
        case
            when findings.is_small_group then findings.reporting_billed_cost
            when findings.reporting_billed_cost is not null or findings.reporting_card_cost is not null
                then cast(coalesce(findings.reporting_billed_cost, 0) + coalesce(findings.reporting_card_cost, 0) as decimal(38, 12))
        end as reporting_seen_cost,
        {{ unless_few('findings.is_small_group', 'coalesce(findings.reporting_estimated_cost, seat_estimates.reporting_estimated_cost)') }} as reporting_estimated_cost,
        case
            when findings.is_small_group then null
            when findings.reporting_estimated_cost is not null then findings.estimate_basis
            when seat_estimates.reporting_estimated_cost is not null then 'seat_price'
        end as estimate_basis,
        findings.owner_basis,
        states.finding_state as state,
        states.is_open,
        states.decision_valid_from,
        states.decision_valid_to,
        states.decided_by,
        states.decided_on,
        states.decision_reason
    from findings
    inner join states
        on findings.finding_id = states.finding_id
    inner join services
        on findings.ai_service_id = services.ai_service_id
    left join risks
        on findings.finding_id = risks.finding_id
    left join seat_estimates
        on findings.finding_id = seat_estimates.finding_id
    left join teams
        on findings.team_id = teams.team_id
        and findings.last_seen_date >= teams.valid_from
        and findings.last_seen_date < teams.valid_to

)

select * from final
