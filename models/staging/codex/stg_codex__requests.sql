-- OpenAI's way: input holds what was cached, output holds reasoning, unless the stated total says
-- that reasoning comes on top. Sums are cumulative: the call is the last one, or the difference.
{% set kinds = ['input', 'cache_read', 'cache_write', 'output', 'reasoning', 'total'] %}

with token_counts as (

    select * from {{ source('codex', 'token_counts') }}

),

compared as (

    select
        *,
        {% for kind in kinds -%}
        lag(total_{{ kind }}_tokens) over (
            partition by load_unit_id, _dlt_load_id order by source_line
        ) as former_{{ kind }},
        {% endfor -%}
        coalesce(conversation_id, load_unit_id) || ':' || case
            when total_input_tokens is null then 'line ' || cast(source_line as {{ dbt.type_string() }})
            else
                cast(total_input_tokens as {{ dbt.type_string() }})
                || '+' || cast(coalesce(total_cache_read_tokens, 0) as {{ dbt.type_string() }})
                || '+' || cast(coalesce(total_output_tokens, 0) as {{ dbt.type_string() }})
                || '+' || cast(coalesce(total_reasoning_tokens, 0) as {{ dbt.type_string() }})
        end as request_id
    from token_counts

),

calls as (

    select
        {% for kind in kinds -%}
        case
            when last_input_tokens is not null then last_{{ kind }}_tokens
            when total_input_tokens >= former_input then total_{{ kind }}_tokens - coalesce(former_{{ kind }}, 0)
            else total_{{ kind }}_tokens
        end as call_{{ kind }},
        {% endfor -%}
        *
    from compared

),

-- What is told again is the call as it was told first.
told_first as (

    select
        {% for kind in kinds -%}
        first_value(call_{{ kind }}) over (
            partition by load_unit_id, _dlt_load_id, request_id order by source_line
        ) as {{ kind }},
        {% endfor -%}
        *
    from calls

),

final as (

    select
        {{ conformed_request(
            {
                'source_name': "'codex'",
                'observer_kind': "'tool'",
                'request_id': 'request_id',
                'started_at': 'occurred_at',
                'ended_at': 'occurred_at',
                'provider_ref': "lower(coalesce(model_provider, 'openai'))",
                'model_name': 'model',
                'service_tier': served_tier('service_tier'),
                'user_id': 'user_id',
                'session_id': 'session_id',
            },
            tokens={
                'input_total': 'input',
                'input_holds': ['cache_read', 'cache_write_5m'],
                'cache_read': 'cache_read',
                'cache_write_5m': 'cache_write',
                'output_total': 'case when total = input + output + reasoning then output + reasoning else output end',
                'output_holds': ['reasoning'],
                'reasoning': 'reasoning',
                'total': 'total',
            },
            reason="case when input is null then 'missing_tokens' end",
        ) }}
    from told_first

)

select * from final
