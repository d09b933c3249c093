-- Risk = exposure x vendor x control, each the highest class of the rubric that fits; every term is kept.
with findings as (

    select * from {{ ref('int_shadow_findings') }}

),

states as (

    select * from {{ ref('int_shadow_states') }}

),

services as (

    select * from {{ ref('int_ai_services') }}

),

contracted as (

    select distinct service_provider_name
    from {{ ref('fct_charges') }}

),

rubric as (

    select * from {{ ref('shadow_risk_rubric') }}

),

facets as (

    select distinct
        finding_id,
        scope_tier,
        signal_family
    from {{ ref('fct_shadow_signals') }}
    where is_use

),

seen as (

    select
        facets.finding_id,
        facets.scope_tier,
        facets.signal_family,
        findings.uploaded_bytes,
        states.finding_state,
        case when not services.is_listed then 'unlisted' when contracted.service_provider_name is not null then 'contracted' else 'listed' end as vendor_standing
    from facets
    inner join findings
        on facets.finding_id = findings.finding_id
    inner join states
        on facets.finding_id = states.finding_id
    inner join services
        on findings.ai_service_id = services.ai_service_id
    left join contracted
        on services.service_provider_name = contracted.service_provider_name

),

fitting as (

    select
        seen.finding_id,
        rubric.risk_term,
        rubric.risk_class,
        rubric.risk_factor,
        row_number() over (
            partition by seen.finding_id, rubric.risk_term
            order by rubric.risk_factor desc, rubric.risk_class
        ) as place
    from seen
    inner join rubric
        on coalesce(seen.scope_tier, '') = coalesce(rubric.scope_tier, seen.scope_tier, '')
    where coalesce(seen.uploaded_bytes, 0) >= coalesce(rubric.least_uploaded_bytes, 0)
        and seen.signal_family = coalesce(rubric.signal_family, seen.signal_family)
        and seen.vendor_standing = coalesce(rubric.vendor_standing, seen.vendor_standing)
        and seen.finding_state = coalesce(rubric.finding_state, seen.finding_state)

),

final as (

    select
        finding_id,
        max(case when risk_term = 'exposure' then risk_class end) as exposure_class,
        max(case when risk_term = 'exposure' then risk_factor end) as exposure_factor,
        max(case when risk_term = 'vendor' then risk_class end) as vendor_class,
        max(case when risk_term = 'vendor' then risk_factor end) as vendor_factor,
        max(case when risk_term = 'control' then risk_class end) as control_class,
        max(case when risk_term = 'control' then risk_factor end) as control_factor
    from fitting
    where place = 1
    group by finding_id

)

select * from final
