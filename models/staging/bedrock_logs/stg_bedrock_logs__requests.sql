-- An inference profile of one's own, a prompt router or an endpoint has a name that says nothing of
-- the model: the answer's own word counts where the log has it. Units that are rented by the hour
-- (provisioned, custom, imported models) keep their names: no price per token holds for them.
with invocations as (

    select
        *,
        regexp_extract(model_id, '^arn:[^:]*:[^:]*:[^:]*:[^:]*:(.*)$', 1) as resource,
        regexp_extract(model_id, ':(foundation-model|inference-profile)/(.+)$', 2) as named_model
    from {{ source('bedrock_logs', 'invocations') }}

),

named as (

    select
        *,
        case
            when named_model <> '' then named_model
            when resource = '' then model_id
            when regexp_extract(resource, '^(provisioned|custom|imported)-model', 0) <> '' then resource
            else coalesce(response_model, resource)
        end as model_name,
        -- An API key of Bedrock is an IAM user of its own: a key, no person.
        case when caller_arn like '%:user/%' then null else caller_user_id end as person_id,
        coalesce(cache_write_1h_tokens, {{ json_list_count('cache_details', 'ttl', '1h', 'inputTokens') }}, 0) as hour_tokens
    from invocations

),

final as (

    select
        {{ conformed_request(
            {
                'source_name': "'bedrock_logs'",
                'observer_kind': "'provider_log'",
                'gateway_name': "'AWS'",
                'request_id': 'request_id',
                'provider_request_id': 'request_id',
                'started_at': 'invoked_at',
                'request_status': "case when error_code is null then 'success' else 'failure' end",
                'operation_name': 'operation',
                'provider_ref': "'bedrock'",
                'region_id': 'region',
                'model_name': 'model_name',
                'requested_model_name': 'model_id',
                'service_tier': "case when lower(latency_mode) = 'optimized' then 'fast' else " ~ served_tier('service_tier') ~ ' end',
                'credential_id': 'caller_arn',
                'user_id': 'coalesce(stated_user_id, person_id)',
                'request_tags': 'request_metadata',
            },
            tokens={
                'input_uncached': 'input_tokens',
                'cache_read': 'cache_read_tokens',
                'cache_write_5m': 'cache_write_tokens - hour_tokens',
                'cache_write_1h': 'hour_tokens',
                'output': 'output_tokens',
            },
        ) }}
    from named

)

select * from final
