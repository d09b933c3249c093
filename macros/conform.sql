{#
    The shapes in which sources meet; docs/architecture.md, section 3. A staging model names what it
    has, the rest is null, a model or provider that is not told `unknown`: `{{ conformed_request({'request_id': 'id', …}, tokens={…}) }}`.
#}

{# Column to type of a call as one observer saw it; `text` is the engine's own. #}
{% macro request_shape() %}
    {{ return({
        'source_name': 'text', 'observer_kind': 'text', 'gateway_name': 'text', 'request_id': 'text',
        'provider_request_id': 'text', 'trace_id': 'text', 'load_unit_id': 'text',
        'source_line': 'bigint', '_dlt_load_id': 'text', 'started_at': 'timestamp',
        'ended_at': 'timestamp', 'revised_at': 'timestamp', 'request_status': 'text', 'operation_name': 'text',
        'provider_ref': 'text', 'region_id': 'text', 'model_name': 'text',
        'requested_model_name': 'text', 'service_tier': 'text', 'credential_id': 'text',
        'credential_name': 'text', 'gateway_team_id': 'text', 'user_id': 'text', 'end_user_id': 'text',
        'session_id': 'text', 'agent_id': 'text', 'is_cache_hit': 'boolean',
    }) }}
{% endmacro %}

{# What comes after the token classes. #}
{% macro request_shape_after_tokens() %}
    {%- set shape = {
        'reported_cost': 'decimal(38, 12)', 'reported_currency': 'text', 'request_tags': 'text',
        'sampling_weight': 'decimal(13, 6)',
    } -%}
    {%- for unit, type in request_unit_types().items() %}{% do shape.update({unit ~ '_count': type}) %}{% endfor -%}
    {{ return(shape) }}
{% endmacro %}

{#
    The select list of a call. `tokens`: expression by class, and `input_total`, `output_total`: sums that
    the source states, `input_holds`, `output_holds`: the classes inside of them, `total`: the stated
    sum of all. `reason`: SQL for why the record cannot be used, beside the identity of the tokens.
#}
{% macro conformed_request(columns, tokens, reason='cast(null as ' ~ dbt.type_string() ~ ')') -%}
    {%- set defaults = {
        'source_line': 'source_line', 'load_unit_id': 'load_unit_id', '_dlt_load_id': '_dlt_load_id',
        'request_status': "'success'", 'service_tier': "'standard'", 'is_cache_hit': 'false',
        'sampling_weight': '1',
    } -%}
    {%- for name in unit_columns() %}{% do defaults.update({name: '0'}) %}{% endfor -%}
    {%- set unknown = ['model_name', 'provider_ref'] -%}
    {%- set shape = request_shape() -%}
    {%- set later = request_shape_after_tokens() -%}
    {%- for name in columns if name not in shape and name not in later -%}
        {{ exceptions.raise_compiler_error('No column ' ~ name ~ ' in a conformed request: see macros/conform.sql.') }}
    {%- endfor -%}
    {%- for name, type in shape.items() %}
    {%- set expression = columns.get(name, defaults.get(name)) %}
    {%- if name in unknown %}{% set expression = "coalesce(" ~ (expression or 'null') ~ ", 'unknown')" %}{% endif %}
    {{ typed(expression, type) }} as {{ name }},
    {%- endfor %}
    {%- for token_class in token_classes() %}
    {{ token_count(token_class, tokens) }} as {{ token_class }}_tokens,
    {%- endfor %}
    {{ token_count('total', tokens) }} as total_tokens,
    {%- for name, type in later.items() %}
    {{ typed(columns.get(name, defaults.get(name)), type) }} as {{ name }},
    {%- endfor %}
    cast(
        case
            when {{ reason }} is not null then {{ reason }}
            when not ({{ token_identity(tokens) }}) then 'token_identity'
        end as {{ dbt.type_string() }}
    ) as quarantine_reason
{%- endmacro %}

{# The select list of any shape: `columns` by name, as expressions; what is not named has its default, else null. #}
{% macro conformed(what, shape, columns, defaults) -%}
    {%- for name in columns if name not in shape -%}
        {{ exceptions.raise_compiler_error('No column ' ~ name ~ ' in ' ~ what ~ ': see its shape in macros/.') }}
    {%- endfor -%}
    {%- set kept = {'load_unit_id': 'load_unit_id', 'source_line': 'source_line', '_dlt_load_id': '_dlt_load_id'} -%}
    {%- for name, type in shape.items() %}
    {{ typed(columns.get(name, defaults.get(name, kept.get(name))), type) }} as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro typed(expression, type) -%}
    cast({{ expression or 'null' }} as {{ dbt.type_string() if type == 'text' else type }})
{%- endmacro %}

{# The disjoint count of a class: what a stated sum holds beside its parts is its plain class. #}
{% macro token_count(token_class, tokens) -%}
    {%- set whole = {'input_uncached': 'input', 'output': 'output'}.get(token_class) -%}
    {%- if token_class == 'total' -%}
        cast(coalesce({{ tokens.total or 'null' }}, {{ stated_total(tokens) }}) as bigint)
    {%- elif token_class in tokens -%}
        cast(coalesce({{ tokens[token_class] }}, 0) as bigint)
    {%- elif whole and whole ~ '_total' in tokens -%}
        cast(
            coalesce({{ tokens[whole ~ '_total'] }}, 0)
            {%- for part in tokens.get(whole ~ '_holds', []) if part in tokens %} - coalesce({{ tokens[part] }}, 0){% endfor %}
            as bigint
        )
    {%- else -%}
        cast(0 as bigint)
    {%- endif -%}
{%- endmacro %}

{#
    A part of a sum, of which others of its parts may hold some too: images that were read from a cache are
    counted as both where a source does not part them. Never more than the others leave of the sum.
#}
{% macro left_for(part, whole, others) -%}
    greatest(least(coalesce({{ part }}, 0), coalesce({{ whole }}, 0)
        {%- for other in others %} - coalesce({{ other }}, 0){% endfor %}), 0)
{%- endmacro %}

{# The same of what is told exactly: more than the whole contradicts it, and stays to be seen. #}
{% macro left_of_cached(part, whole, others) -%}
    case
        when {{ part }} > {{ whole }} then {{ part }}
        else {{ left_for(part, whole, others) }}
    end
{%- endmacro %}

{#
    All that went in: what was cached stands beside the input where the stated total says so, or where it is more
    than the input that should hold it, as those count it who hand on Anthropic's numbers.
#}
{% macro input_with_cached(input, cached, output, total) -%}
    case
        when {{ cached }} > coalesce({{ input }}, 0) then coalesce({{ input }}, 0) + {{ cached }}
        when {{ total }} = {{ input }} + {{ cached }} + coalesce({{ output }}, 0) then {{ input }} + {{ cached }}
        else {{ input }}
    end
{%- endmacro %}

{# The stated sums and what stands beside them. #}
{% macro stated_total(tokens) -%}
    0
    {%- for token_class in token_classes() %} + {{ token_count(token_class, tokens) }}{% endfor %}
{%- endmacro %}

{# Whether the counts agree with each other: no part larger than what holds it, the sum as stated. #}
{% macro token_identity(tokens) -%}
    least({% for token_class in token_classes() %}{{ token_count(token_class, tokens) }}{{ ', ' if not loop.last }}{% endfor %}) >= 0
    {%- if tokens.total %}
    and coalesce({{ tokens.total }}, {{ stated_total(tokens) }}) = {{ stated_total(tokens) }}
    {%- endif %}
{%- endmacro %}

{#
    Whether reasoning stands beside the completion, as xAI and Perplexity count it: where the stated total says
    so, or where it is more than what should hold it.
#}
{% macro reasoning_is_beside(completion, reasoning, prompt=none, total=none) -%}
    coalesce(
        {{ reasoning }} > coalesce({{ completion }}, 0)
        {%- if total %}
        or ({{ reasoning }} > 0 and {{ total }} = {{ prompt }} + {{ completion }} + {{ reasoning }})
        {%- endif %},
        false
    )
{%- endmacro %}

{# All that came out, reasoning too, wherever it is counted. #}
{% macro output_with_reasoning(completion, reasoning, prompt=none, total=none) -%}
    case
        when {{ reasoning_is_beside(completion, reasoning, prompt, total) }} then coalesce({{ completion }}, 0) + {{ reasoning }}
        else {{ completion }}
    end
{%- endmacro %}

{# The stated total, with the reasoning that it may leave out. #}
{% macro total_with_reasoning(completion, reasoning, prompt, total) -%}
    case
        when {{ reasoning }} > coalesce({{ completion }}, 0) and {{ total }} = {{ prompt }} + coalesce({{ completion }}, 0)
            then {{ total }} + {{ reasoning }}
        else {{ total }}
    end
{%- endmacro %}

{# The tiers that prices are asked for; `other` is any word that is none of them, and no book has a price for it. #}
{% macro service_tiers() %}
    {{ return(['standard', 'batch', 'flex', 'priority', 'fast', 'ultrafast', 'other']) }}
{% endmacro %}

{# The served tier in Bursar's words: a word that is not known is `other`, so that no price passes for its own. #}
{% macro served_tier(word) -%}
    case
        when lower({{ word }}) in ('batch', 'flex', 'priority', 'fast', 'ultrafast') then lower({{ word }})
        when lower({{ word }}) like 'priority%' then 'priority'
        when lower({{ word }}) like 'flex%' then 'flex'
        when coalesce(lower({{ word }}), '') in (
            '', 'standard', 'standard_only', 'default', 'auto', 'none', 'null', 'unspecified', 'on_demand', 'on-demand',
            'traffic_type_unspecified'
        ) then 'standard'
        else 'other'
    end
{%- endmacro %}

{# A tier as a bill or a report says it, as prices know it. #}
{% macro priced_tier(word) -%}
    case
        when {{ word }} is null then 'standard'
        when {{ word }} in ('{{ service_tiers() | join("', '") }}') then {{ word }}
        else 'other'
    end
{%- endmacro %}

{# "openai/gpt-4o" as "gpt-4o": the provider has a column of its own. #}
{% macro without_prefix(model, prefix) -%}
    case
        when {{ model }} like {{ prefix }} || '/%' then substr({{ model }}, length({{ prefix }}) + 2)
        else coalesce({{ model }}, 'unknown')
    end
{%- endmacro %}

{# Who makes a model, by its family, where the source does not say who served it; else null. #}
{% macro provider_of_model(model) -%}
    case
        {%- for provider, families in {
            'anthropic': ['claude'],
            'openai': ['gpt-', 'chatgpt', 'o1', 'o3', 'o4', 'text-embedding-3', 'text-embedding-ada'],
            'google': ['gemini'],
            'mistral': ['mistral', 'ministral', 'codestral', 'devstral', 'magistral', 'pixtral'],
            'cohere': ['command', 'embed-', 'rerank-'],
            'deepseek': ['deepseek'],
            'moonshot': ['kimi', 'moonshot'],
            'zai': ['glm'],
            'minimax': ['minimax'],
            'xai': ['grok'],
            'perplexity': ['sonar'],
        }.items() %}
        when {% for family in families %}lower({{ model }}) like '{{ family }}%'{{ ' or ' if not loop.last }}{% endfor %} then '{{ provider }}'
        {%- endfor %}
    end
{%- endmacro %}

{# Whose sighting of a call counts, the most trusted first: docs/decisions/sightings.md. #}
{% macro observer_precedence(observer_kind) -%}
    case {{ observer_kind }} when 'gateway' then 1 when 'provider_log' then 2 when 'trace' then 3 else 4 end
{%- endmacro %}

{# The columns of core.request_sightings before and behind the token classes. #}
{% macro sighting_columns() %}
    {{ return([
    'source_name', 'observer_kind', 'gateway_name', 'request_id', 'provider_request_id', 'trace_id',
        'load_unit_id', 'source_line', '_dlt_load_id',
        'first_load_unit_id', 'first_source_line', 'first_load_id',
        'usage_date', 'started_at', 'ended_at', 'revised_at', 'request_status', 'operation_name',
        'service_provider_name', 'region_id', 'model_name', 'requested_model_name', 'service_tier',
        'credential_id', 'credential_name', 'gateway_team_id', 'user_id', 'end_user_id',
        'session_id', 'agent_id', 'is_cache_hit',
    ]) }}
{% endmacro %}

{% macro sighting_cost_columns() %}
    {{ return([
    'total_tokens', 'reported_cost', 'reported_currency', 'request_tags', 'sampling_weight',
    ] + unit_columns() + [
        'ai_model_id', 'price_id', 'price_match', 'price_version', 'is_price_disputed', 'context_tier_start', 'estimated_list_cost',
        'estimated_contracted_cost', 'estimated_cost_currency', 'unpriced_tokens',
    ]) }}
{% endmacro %}

{# The region in the name of a cloud's host, as prices know it; NULL where none is. #}
{% macro region_of_host(host) -%}
    coalesce(
        nullif(regexp_extract(lower({{ host }}), '^bedrock[a-z-]*[.]([a-z0-9-]+)[.]amazonaws[.]com', 1), ''),
        nullif(regexp_extract(lower({{ host }}), '^([a-z0-9-]+)-aiplatform[.]googleapis[.]com', 1), '')
    )
{%- endmacro %}

{# The provider behind the host that a call went to, in a word of service_providers; NULL where none is known. #}
{% macro provider_of_host(host) -%}
    {%- set patterns = {
        'openai': ['api.openai.com', '%.api.openai.com'],
        'azure': [
            '%.openai.azure.com', '%.cognitiveservices.azure.com', '%.services.ai.azure.com',
            '%.models.ai.azure.com', '%.inference.ai.azure.com',
        ],
        'anthropic': ['api.anthropic.com'],
        'aws': ['bedrock%.amazonaws.com'],
        'google': ['generativelanguage.googleapis.com', '%aiplatform.googleapis.com'],
        'mistral': ['api.mistral.ai'],
        'cohere': ['api.cohere.com', 'api.cohere.ai'],
        'groq': ['api.groq.com'],
        'deepseek': ['api.deepseek.com'],
        'perplexity': ['api.perplexity.ai'],
        'xai': ['api.x.ai', '%.api.x.ai'],
        'together': ['api.together.ai', 'api.together.xyz'],
        'fireworks': ['api.fireworks.ai'],
        'openrouter': ['openrouter.ai'],
        'cerebras': ['api.cerebras.ai'],
    } -%}
    case
        {%- for provider, hosts in patterns.items() %}
        when {% for pattern in hosts %}lower({{ host }}) like '{{ pattern }}'{{ ' or ' if not loop.last }}{% endfor %} then '{{ provider }}'
        {%- endfor %}
    end
{%- endmacro %}
