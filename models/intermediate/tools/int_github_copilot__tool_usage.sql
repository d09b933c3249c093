-- Of the reports, those of persons and days: sums of an account or of 28 days would count again what these say.
with activity as (

    select * from {{ ref('stg_github_copilot__activity') }}
    where user_id is not null

),

-- Two organisations of one account may both report a person's day.
ranked as (

    select
        *,
        row_number() over (
            partition by organization_id, activity_date, user_id
            order by credit_quantity desc nulls last, interaction_count desc nulls last, _dlt_load_id desc, load_unit_id desc, source_line
        ) as place
    from activity

),

final as (

    select
        {{ conformed_tool_usage({
            'source_name': "'github_copilot'",
            'service_provider_name': "'GitHub'",
            'billing_account_id': 'organization_id',
            'usage_date': 'activity_date',
            'user_id': 'user_id',
            'report_scope': "'vendor'",
            'product_name': "'copilot'",
            'customer_type': "'subscription'",
            'interaction_count': 'coalesce(interaction_count, 0) + coalesce(code_generation_count, 0) + coalesce(code_acceptance_count, 0) + coalesce(cli_request_count, 0)',
            'credit_quantity': 'credit_quantity',
        }) }}
    from ranked
    where place = 1

)

select * from final
