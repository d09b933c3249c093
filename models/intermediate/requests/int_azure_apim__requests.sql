-- Who called stands in the gateway's other log, which may come in a later load than the call itself: the
-- calls that it speaks of are then told again, as of that load.
with arrived as (

    select * from {{ ref('stg_azure_apim__llm_logs') }}

),

callers as (

    select * from {{ ref('stg_azure_apim__gateway_logs') }}

),

arrived_callers as (

    select callers.*
    from callers
    semi join {{ ref('stg_lake__arrived_load_units') }} as units
        on units.source_name = 'azure_apim'
        and callers.load_unit_id = units.load_unit_id
        and callers._dlt_load_id = units._dlt_load_id

),

told_again as (

    select
        calls.*,
        greatest(calls._dlt_load_id, arrived_callers._dlt_load_id) as told_load_id
    from {{ ref('stg_azure_apim__current_llm_logs') }} as calls
    inner join arrived_callers
        on calls.correlation_id = arrived_callers.correlation_id
    anti join arrived
        on calls.load_unit_id = arrived.load_unit_id
        and calls.source_line = arrived.source_line
        and calls._dlt_load_id = arrived._dlt_load_id

),

calls as (

    select
        *,
        _dlt_load_id as told_load_id
    from arrived
    union all
    select * from told_again

),

joined as (

    select
        calls.*,
        callers.subscription_id,
        callers.user_id,
        callers.product_id,
        callers.response_code,
        callers.total_ms,
        callers.backend_provider_ref
    from calls
    left join callers
        on calls.correlation_id = callers.correlation_id

),

final as (

    select
        {{ conformed_request(
            {
                'source_name': "'azure_apim'",
                'observer_kind': "'gateway'",
                'gateway_name': "'Azure API Management'",
                'request_id': 'correlation_id',
                'provider_request_id': 'response_id',
                '_dlt_load_id': 'told_load_id',
                'started_at': 'started_at',
                'ended_at': moment_plus_ms('started_at', 'total_ms'),
                'request_status': "case when response_code >= 400 then 'failure' else 'success' end",
                'operation_name': 'operation_name',
                'provider_ref': "coalesce(backend_provider_ref, 'azure')",
                'region_id': 'region',
                'model_name': 'coalesce(model_name, deployment_name)',
                'requested_model_name': 'deployment_name',
                'credential_id': 'subscription_id',
                'gateway_team_id': 'product_id',
                'user_id': 'user_id',
            },
            tokens={
                'input_total': 'prompt_tokens',
                'output_total': 'completion_tokens',
                'total': 'total_tokens',
            },
        ) }}
    from joined

)

select * from final
