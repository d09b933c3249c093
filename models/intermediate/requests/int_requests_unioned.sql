-- One line a gateway, trace or tool: the only place to touch when one is added.
{% set models = models_of_loaded_sources([
    'int_azure_apim__requests',
    'stg_envoy_ai_gateway__requests',
    'stg_helicone__requests',
    'stg_kong__requests',
    'stg_litellm__requests',
    'stg_portkey__requests',
    'stg_bedrock_logs__requests',
    'stg_vertex_logs__requests',
    'stg_claude_code__requests',
    'stg_codex__requests',
    'stg_otel__requests',
    'stg_langfuse__requests',
    'int_cursor__requests',
    'stg_cloudflare_ai_gateway__requests',
]) %}

with requests as (

    {% for model in models %}
    select * from {{ model }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

service_providers as (

    select * from {{ ref('service_providers') }}

),

final as (

    select
        {% for name in request_shape() -%}
        {% if name == 'provider_ref' -%}
        coalesce(service_providers.service_provider_name, requests.provider_ref) as service_provider_name,
        {% else -%}
        requests.{{ name }},
        {% endif -%}
        {% endfor -%}
        {{ token_columns('requests.') }},
        requests.total_tokens,
        {% for name in request_shape_after_tokens() -%}
        requests.{{ name }},
        {% endfor -%}
        requests.quarantine_reason
    from requests
    left join service_providers
        on requests.provider_ref = service_providers.provider_ref

)

select * from final
