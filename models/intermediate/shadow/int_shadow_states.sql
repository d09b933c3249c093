-- Of the decisions that fit a finding one counts: that which held on the last day of use before one that had ended, a team's before everybody's, the
-- latest before earlier ones. What ended before the last day of use has to be decided again.
with findings as (

    select * from {{ ref('int_shadow_findings') }}

),

decisions as (

    select * from {{ ref('dim_ai_service_decisions') }}

),

known_days as (

    select last_seen_date as known_date from findings
    union all
    select decided_on as known_date from decisions

),

reach as (

    select max(known_date) as known_to from known_days

),

fitting as (

    select
        findings.finding_id,
        findings.last_seen_date,
        decisions.decision,
        decisions.valid_from,
        decisions.valid_to,
        decisions.decided_by,
        decisions.decided_on,
        decisions.reason,
        row_number() over (
            partition by findings.finding_id
            order by
                {{ order_of_decisions('decisions', 'findings.last_seen_date') }}
        ) as place
    from findings
    inner join decisions
        on findings.ai_service_id = decisions.ai_service_id
        and findings.team_id = coalesce(decisions.team_id, findings.team_id)
        and (
            findings.finding_kind = decisions.finding_kind
            -- A decision about a plan is about those who have it: who has not is the finding.
            -- One that forbids a plan or looks at it says nothing about other use.
            or (
                decisions.finding_kind is null and findings.finding_kind = 'unapproved_service'
                and (decisions.plan_name is null or decisions.decision in ('sanctioned', 'tolerated'))
            )
            or (
                decisions.finding_kind is null and findings.finding_kind = 'unapproved_plan'
                and (decisions.plan_name is null or decisions.decision in ('blocked', 'under_review'))
            )
        )
    inner join reach
        on decisions.valid_from <= reach.known_to

),

final as (

    select
        findings.finding_id,
        {{ decided_state('fitting.decision', 'fitting.valid_to', 'findings.last_seen_date') }} as finding_state,
        {{ is_open_state('fitting.decision', 'fitting.valid_from', 'fitting.valid_to', 'findings.last_seen_date') }} as is_open,
        fitting.valid_from as decision_valid_from,
        fitting.valid_to as decision_valid_to,
        fitting.decided_by,
        fitting.decided_on,
        fitting.reason as decision_reason
    from findings
    left join fitting
        on findings.finding_id = fitting.finding_id
        and fitting.place = 1

)

select * from final
