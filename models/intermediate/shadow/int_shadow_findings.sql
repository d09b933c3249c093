{{ config(materialized='table') }}

-- What was only blocked or given back is no finding. Persons are who a signal names; a device or an address may be one of them or of nobody's, so that
-- those are counted apart.
with signals as (

    select
        *,
        case match_confidence when 'high' then 3 when 'medium' then 2 else 1 end as match_rank
    from {{ ref('fct_shadow_signals') }}

),

families as (

    select
        team_id,
        ai_service_id,
        {{ sorted_words('signal_family') }} as signal_families,
        cast(count(distinct signal_family) as bigint) as signal_family_count
    from signals
    where is_use
    group by team_id, ai_service_id

),

summed as (

    select
        finding_id,
        team_id,
        ai_service_id,
        finding_kind,
        min(case when is_use then usage_date end) as first_seen_date,
        max(case when is_use then usage_date end) as last_seen_date,
        cast(count(distinct case when is_use and actor_kind = 'user' then actor_id end) as bigint) as person_count,
        cast(count(distinct case when is_use and actor_kind <> 'user' then actor_id end) as bigint) as address_count,
        max(case when signal_family = 'provider' then 0 else 1 end) = 1 as is_about_persons,
        cast(count(*) as bigint) as signal_count,
        cast(sum(call_count) as bigint) as call_count,
        cast(sum(uploaded_bytes) as bigint) as uploaded_bytes,
        max(match_rank) as match_rank,
        case when min(owner_basis) = max(owner_basis) then min(owner_basis) when count(owner_basis) > 0 then 'several' end as owner_basis,
        {{ sum_of_known('reporting_billed_cost', 'billed_cost') }} as reporting_billed_cost,
        {{ sum_of_known('reporting_card_cost', 'card_cost') }} as reporting_card_cost,
        {{ sum_of_known('reporting_estimated_cost', 'estimated_cost') }} as reporting_estimated_cost,
        case when min(estimate_basis) = max(estimate_basis) then min(estimate_basis) when count(estimate_basis) > 0 then 'several' end as estimate_basis
    from signals
    group by finding_id, team_id, ai_service_id, finding_kind

),

final as (

    select
        summed.finding_id,
        summed.team_id,
        summed.ai_service_id,
        summed.finding_kind,
        summed.first_seen_date,
        summed.last_seen_date,
        summed.person_count,
        summed.address_count,
        summed.is_about_persons,
        summed.signal_count,
        summed.call_count,
        summed.uploaded_bytes,
        families.signal_families,
        families.signal_family_count,
        case summed.match_rank when 3 then 'high' when 2 then 'medium' else 'low' end as match_confidence,
        summed.owner_basis,
        summed.reporting_billed_cost,
        summed.reporting_card_cost,
        summed.reporting_estimated_cost,
        summed.estimate_basis
    from summed
    inner join families
        on summed.team_id = families.team_id
        and summed.ai_service_id = families.ai_service_id
    where summed.first_seen_date is not null

)

select * from final
