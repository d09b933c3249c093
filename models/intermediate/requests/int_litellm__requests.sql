with requests as (

    select * from {{ ref('stg_litellm__requests') }}

),

service_providers as (

    select * from {{ ref('service_providers') }}

),

final as (

    select
        requests.source_name,
        'LiteLLM' as gateway_name,
        requests.request_id,
        requests.load_unit_id,
        requests.source_line,
        requests._dlt_load_id,
        requests.started_at,
        requests.ended_at,
        requests.request_status,
        requests.operation_name,
        coalesce(service_providers.service_provider_name, requests.provider_ref) as service_provider_name,
        requests.model_name,
        requests.requested_model_name,
        requests.service_tier,
        requests.credential_id,
        requests.credential_name,
        requests.gateway_team_id,
        requests.user_id,
        requests.end_user_id,
        requests.session_id,
        requests.agent_id,
        requests.is_cache_hit,
        {{ token_columns('requests.') }},
        requests.total_tokens,
        requests.reported_cost,
        requests.reported_currency,
        requests.request_tags,
        requests.quarantine_reason
    from requests
    left join service_providers
        on requests.provider_ref = service_providers.provider_ref

)

select * from final
