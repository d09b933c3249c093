-- One call may be logged more than once, where a file was exported again under another name.
with gateway_logs as (

    select
        *,
        row_number() over (
            partition by correlation_id
            order by _dlt_load_id desc, load_unit_id desc, source_line desc
        ) as newest
    from {{ source('azure_apim', 'gateway_logs') }}

),

final as (

    select
        load_unit_id,
        _dlt_load_id,
        correlation_id,
        subscription_id,
        user_id,
        product_id,
        api_id,
        operation_id,
        response_code,
        total_ms,
        {{ provider_of_host('backend_host') }} as backend_provider_ref
    from gateway_logs
    where newest = 1

)

select * from final
