{#
    Spans with `is_inference`: the span is a call of a model, by whichever convention says so, and
    `is_call`: none of its children is one. Frameworks and clients instrument the same call, each
    inside the other, and agents sum up what their calls used: only the innermost counts.
#}
{% macro spans_with_calls(spans) %}
    select
        *,
        is_inference and coalesce(max(inference_below) over (partition by trace_id, node_id), 0) = 0 as is_call
    from (
        select
            *,
            span_id as node_id,
            cast(null as integer) as inference_below
        from ({{ inference_spans(spans) }}) as spans
        union all
        select
            *,
            parent_span_id as node_id,
            1 as inference_below
        from ({{ inference_spans(spans) }}) as children
        where is_inference
            and parent_span_id is not null
    ) as nodes
{% endmacro %}

{% macro inference_spans(spans) %}
        select
            *,
            case
                when lower(operation_name) in (
                    'chat', 'text_completion', 'generate_content', 'embeddings', 'completion', 'embedding'
                ) then true
                when operation_name is not null then false
                when lower(span_kind) in ('llm', 'embedding') then true
                when span_kind is not null then false
                else response_id is not null
            end as is_inference
        from {{ spans }}
{% endmacro %}
