with activity as (

    select * from {{ source('github_copilot', 'activity') }}

),

final as (

    select
        load_unit_id,
        source_line,
        _dlt_load_id,
        organization_id,
        cast(activity_date as date) as activity_date,
        generation as metrics_generation,
        github_organization_id,
        github_enterprise_id,
        user_id,
        active_user_count,
        engaged_user_count,
        suggestion_count,
        acceptance_count,
        lines_suggested_count,
        lines_accepted_count,
        chat_count,
        interaction_count,
        code_generation_count,
        code_acceptance_count,
        lines_added_count,
        lines_deleted_count,
        coalesce(used_chat, false) as is_chat_used,
        coalesce(used_agent, false) as is_agent_used,
        coalesce(used_cli, false) as is_cli_used,
        coalesce(used_coding_agent, false) as is_coding_agent_used,
        cli_request_count,
        cli_prompt_tokens,
        cli_output_tokens,
        ai_credits_used as credit_quantity
    from activity

)

select * from final
