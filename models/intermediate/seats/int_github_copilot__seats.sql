-- One seat a person, however many teams or organisations gave it: GitHub bills it once.
with assignments as (

    select * from {{ ref('stg_github_copilot__seats') }}

),

ranked as (

    select
        *,
        count(*) over (partition by organization_id, seen_date, user_id) as assignment_count,
        row_number() over (
            partition by organization_id, seen_date, user_id
            order by last_activity_at desc nulls last, created_at, _dlt_load_id desc, load_unit_id, source_line
        ) as place
    from assignments

),

final as (

    select
        {{ conformed_seat({
            'source_name': "'github_copilot'",
            'service_provider_name': "'GitHub'",
            'billing_account_id': 'organization_id',
            'billing_month': month_of('seen_date'),
            'user_id': 'user_id',
            'plan_name': 'plan_name',
            'assignment_count': 'assignment_count',
            'seen_from': 'seen_date',
            'seen_to': 'seen_date + interval 1 day',
            'tells_activity': 'true',
            'last_activity_at': 'last_activity_at',
        }) }}
    from ranked
    where place = 1

)

select * from final
