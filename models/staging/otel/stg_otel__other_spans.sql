with spans as (

    {{ spans_with_calls(source('otel', 'spans')) }}

),

final as (

    select
        'otel' as source_name,
        load_unit_id,
        source_line,
        _dlt_load_id,
        trace_id,
        span_id,
        parent_span_id,
        span_name,
        operation_name,
        service_name,
        agent_id,
        tool_name,
        started_at,
        ended_at
    from spans
    where not is_call
        and inference_below is null

)

select * from final
