-- Whether seats break even, without the persons who have them. Where a verdict of a plan is of few persons, all of the plan's are one row: the
-- others would tell them.
with seats as (

    select
        *,
        coalesce(plan_name, 'unknown') as shown_plan_name,
        user_id is not null as is_assigned
    from {{ ref('fct_seat_break_even') }}

),

{% set plan = ['billing_month', 'service_provider_name', 'billing_account_id', 'shown_plan_name', 'is_assigned', 'seat_cost_currency'] -%}
verdicts as (

    select
        {{ plan | join(', ') }},
        seat_verdict,
        {{ is_few(['count(distinct user_id)'], 'is_assigned') }} as is_few
    from seats
    group by {{ plan | join(', ') }}, seat_verdict

),

plans as (

    select
        {{ plan | join(', ') }},
        max(case when is_few then 1 else 0 end) = 1 as has_few
    from verdicts
    group by {{ plan | join(', ') }}

),

placed as (

    select
        seats.*,
        case when plans.has_few then {{ suppressed() }} else seats.seat_verdict end as shown_verdict
    from seats
    inner join plans
        on seats.billing_month = plans.billing_month
        and seats.service_provider_name = plans.service_provider_name
        and seats.billing_account_id = plans.billing_account_id
        and seats.shown_plan_name = plans.shown_plan_name
        and seats.is_assigned = plans.is_assigned
        and coalesce(seats.seat_cost_currency, '') = coalesce(plans.seat_cost_currency, '')

),

summed as (

    select
        {{ plan | join(',\n        ') }},
        shown_verdict,
        cast(count(distinct user_id) as bigint) as person_count,
        {{ is_few(['count(distinct user_id)'], 'is_assigned') }} as is_small_group,
        cast(sum(seat_count) as bigint) as seat_count,
        cast(sum(seat_cost) as decimal(38, 12)) as seat_cost,
        {{ sum_of_known('paid_cost', 'seat_cost') }} as paid_cost,
        cast(sum(case when api_cost_currency = seat_cost_currency then api_list_cost end) as decimal(38, 12)) as api_list_cost,
        cast(sum(total_tokens) as bigint) as total_tokens
    from placed
    group by {{ plan | join(', ') }}, shown_verdict

),

final as (

    select
        billing_month,
        service_provider_name,
        billing_account_id,
        shown_plan_name as plan_name,
        is_assigned,
        shown_verdict as seat_verdict,
        case when is_assigned then {{ count_of_many('person_count') }} end as person_count,
        is_small_group,
        {{ unless_few('is_small_group', 'seat_count') }} as seat_count,
        seat_cost,
        paid_cost,
        {{ unless_few('is_small_group', 'api_list_cost') }} as api_list_cost,
        seat_cost_currency,
        {{ unless_few('is_small_group', 'total_tokens') }} as total_tokens
    from summed

)

select * from final
