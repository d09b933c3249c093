{# The usage objects of Google's and Amazon's own interfaces; what they give is said in usage_objects.sql. #}

{# usageMetadata: the prompt holds the cached content; thoughts stand beside the candidates, and what a
   tool brought into the prompt beside the prompt. Pages of a document are billed as images. The Live API
   calls the candidates a response. #}
{% macro gemini_usage(usage) %}
    {{ return(gemini_usage_of(gemini_counts(camel_usage(usage)))) }}
{% endmacro %}

{# Google's SDKs write `prompt_token_count` for what its API calls `promptTokenCount`. A usage object holds no free text. #}
{% macro camel_usage(usage) -%}
    {%- set found = namespace(text=usage) -%}
    {%- for word in ['token', 'count', 'details', 'content', 'use', 'prompt', 'type'] -%}
        {%- set found.text = "replace(" ~ found.text ~ ", '_" ~ word ~ "', '" ~ word | capitalize ~ "')" -%}
    {%- endfor -%}
    {{ found.text }}
{%- endmacro %}

{# What a usage object is asked for, by name: a model that gives each a column first keeps its SQL short. #}
{% macro gemini_counts(usage) %}
    {% set counts = {
        'prompt_count': usage_count(usage, 'promptTokenCount'),
        'tool_count': usage_count(usage, 'toolUsePromptTokenCount'),
        'cached_count': usage_count(usage, 'cachedContentTokenCount'),
        'candidates_count': usage_count(usage, 'candidatesTokenCount', 'responseTokenCount'),
        'thoughts_count': usage_count(usage, 'thoughtsTokenCount'),
    } %}
    {% for part, names in {
        'prompt': ['promptTokensDetails'], 'tool': ['toolUsePromptTokensDetails'], 'cached': ['cacheTokensDetails'],
        'candidates': ['candidatesTokensDetails', 'responseTokensDetails'],
    }.items() %}
        {% set lists = [] %}
        {% for name in names %}{% do lists.append(json_member(usage, "'" ~ name ~ "'")) %}{% endfor %}
        {% set list = lists[0] if lists | length == 1 else 'coalesce(' ~ lists | join(', ') ~ ')' %}
        {% for content, modalities in {'audio': ['AUDIO'], 'image': ['IMAGE', 'DOCUMENT'], 'video': ['VIDEO']}.items() %}
            {% set found = [] %}
            {% for modality in modalities %}
                {% set count = json_list_count(list, 'modality', modality, 'tokenCount') %}
                {% do found.append('coalesce(' ~ count ~ ', 0)') %}
            {% endfor %}
            {% do counts.update({part ~ '_' ~ content: '(' ~ found | join(' + ') ~ ')'}) %}
        {% endfor %}
    {% endfor %}
    {{ return(counts) }}
{% endmacro %}

{% macro gemini_usage_of(counts) %}
    {% set whole = '(coalesce(' ~ counts.prompt_count ~ ', 0) + coalesce(' ~ counts.tool_count ~ ', 0))' %}
    {% set fresh = {} %}
    {% for content in ['audio', 'image', 'video'] %}
        {% set parts = [counts['prompt_' ~ content], counts['tool_' ~ content]] %}
        {% do fresh.update({content: '(' ~ parts | join(' + ') ~ ' - ' ~ counts['cached_' ~ content] ~ ')'}) %}
    {% endfor %}
    {{ return({
        'input_total': whole,
        'input_holds': [
            'cache_read', 'cache_read_audio', 'cache_read_image', 'input_audio', 'input_image', 'input_video',
        ],
        'cache_read': counts.cached_count ~ ' - ' ~ counts.cached_audio ~ ' - ' ~ counts.cached_image,
        'cache_read_audio': counts.cached_audio,
        'cache_read_image': counts.cached_image,
        'input_audio': fresh.audio,
        'input_image': left_for(fresh.image, whole, [counts.cached_count, fresh.audio]),
        'input_video': left_for(fresh.video, whole, [counts.cached_count, fresh.audio, fresh.image]),
        'output_total': counts.candidates_count,
        'output_holds': ['output_audio', 'output_image', 'output_video'],
        'output_audio': counts.candidates_audio,
        'output_image': counts.candidates_image,
        'output_video': counts.candidates_video,
        'reasoning': counts.thoughts_count,
        'told': 'coalesce(' ~ counts.prompt_count ~ ', ' ~ counts.candidates_count ~ ', ' ~ counts.thoughts_count ~ ')',
    }) }}
{% endmacro %}

{# Converse: inputTokens is what was neither read from a cache nor written; its SDKs have two spellings, Cursor's events a third. #}
{% macro bedrock_converse_usage(usage) %}
    {% set hour -%}
        coalesce({{ json_list_count(json_member(usage, "'cacheDetails'"), 'ttl', '1h', 'inputTokens') }}, 0)
    {%- endset %}
    {% set five = json_list_count(json_member(usage, "'cacheDetails'"), 'ttl', '5m', 'inputTokens') %}
    {% set written = usage_count(usage, 'cacheWriteInputTokens', 'cacheWriteInputTokenCount', 'cacheWriteTokens') %}
    {{ return({
        'input_uncached': usage_count(usage, 'inputTokens'),
        'cache_read': usage_count(usage, 'cacheReadInputTokens', 'cacheReadInputTokenCount', 'cacheReadTokens'),
        'cache_write_5m': 'coalesce(' ~ written ~ ' - ' ~ hour ~ ', ' ~ five ~ ')',
        'cache_write_1h': hour,
        'output': usage_count(usage, 'outputTokens'),
        'told': usage_count(usage, 'inputTokens', 'outputTokens'),
    }) }}
{% endmacro %}
