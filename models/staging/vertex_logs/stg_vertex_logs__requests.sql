-- Gemini's usage, Claude's and that of open models (chat completions) are read by the macros of their families, told by
-- what each never lacks. A row is one logged call: what a sample stands for is
-- its sampling_weight, and nothing is multiplied by it here.
{% set names, tokens = {}, {} %}
{% for name in gemini_counts('usage_metadata') %}{% do names.update({name: name}) %}{% endfor %}
{% set gemini = gemini_usage_of(names) %}
{% do gemini.update({'total': 'total_count'}) %}
{% set claude = usage_tokens('anthropic', 'message_usage') %}
{% set chat = usage_tokens('openai_chat', 'message_usage') %}
{% set is_chat = usage_is_told(chat) %}
{% for token_class in token_classes() %}{% do tokens.update({token_class: 'counted_' ~ token_class}) %}{% endfor %}

with calls as (

    select
        {% for name, count in gemini_counts('usage_metadata').items() -%}
        {{ count }} as {{ name }},
        {% endfor -%}
        {{ usage_count('usage_metadata', 'totalTokenCount') }} as total_count,
        *
    from {{ source('vertex_logs', 'calls') }}

),

counted as (

    select
        *,
        {% for token_class in token_classes() -%}
        case
            when {{ is_chat }} then {{ token_count(token_class, chat) }}
            when message_usage is not null then {{ token_count(token_class, claude) }}
            else {{ token_count(token_class, gemini) }}
        end as counted_{{ token_class }},
        {% endfor -%}
        case
            when {{ is_chat }} then {{ token_identity(chat) }}
            when message_usage is not null then {{ token_identity(claude) }}
            else {{ token_identity(gemini) }}
        end as is_consistent,
        -- Another family's usage would pass for no tokens.
        case
            when message_usage is not null then {{ is_chat }} or {{ usage_is_told(claude) }}
            else {{ usage_is_told(gemini) }}
        end as is_told,
        {{ unit_count('web_search', claude) }} as search_count,
        lower(coalesce({{ json_member('usage_metadata', "'trafficType'") }}, {{ json_member('message_usage', "'service_tier'") }}, ''))
            as tier_words,
        nullif(regexp_extract(endpoint, '(^|/)projects/([^/]+)', 2), '') as project_id,
        nullif(regexp_extract(endpoint, '(^|/)locations/([^/]+)', 2), '') as region_id
    from calls

),

final as (

    select
        {{ conformed_request(
            {
                'source_name': "'vertex_logs'",
                'observer_kind': "'provider_log'",
                'gateway_name': "'Google'",
                'request_id': 'request_id',
                'provider_request_id': 'response_id',
                'started_at': 'logged_at',
                'ended_at': 'logged_at',
                'request_status': "case when error_code is null then 'success' else 'failure' end",
                'operation_name': 'api_method',
                'provider_ref': "'vertex_ai'",
                'region_id': 'region_id',
                'model_name': 'coalesce(response_model, model)',
                'requested_model_name': 'model',
                'service_tier': "case when tier_words like '%batch%' then 'batch' when tier_words like '%flex%' then 'flex' when tier_words like '%priority%' then 'priority' else " ~ served_tier('tier_words') ~ ' end',
                'gateway_team_id': 'project_id',
                'sampling_weight': 'coalesce(sampling_weight, 1)',
                'web_search_count': 'search_count',
            },
            tokens=tokens,
            reason="case when error_code is null and not is_told then 'missing_usage' when not is_consistent then 'token_identity' end",
        ) }}
    from counted

)

select * from final
