{#
    A provider's usage object, as JSON text, to what `conformed_request` takes as `tokens`: expression by
    class, stated sums, and which classes are inside of them; and, by their names, the units that it tells
    (`unit_count`). `told`: a count that no usage of the family lacks. One macro per family of APIs; what a
    family's relatives write otherwise is beside it. docs/decisions/token_classes.md
#}
{% macro usage_families() %}
    {{ return([
        'openai_chat', 'openai_responses', 'openai_embeddings', 'openai_realtime', 'openai_live', 'xai_chat',
        'xai_realtime', 'perplexity_chat', 'anthropic', 'gemini', 'bedrock_converse', 'cohere_billed', 'cohere_tokens',
        'mistral_ocr',
    ]) }}
{% endmacro %}

{% macro usage_tokens(family, usage) %}
    {% set families = {
        'openai_chat': openai_chat_usage(usage),
        'openai_responses': openai_responses_usage(usage),
        'openai_embeddings': {
            'input_uncached': usage_count(usage, 'prompt_tokens'), 'told': usage_count(usage, 'prompt_tokens'),
        },
        'openai_realtime': openai_realtime_usage(usage),
        'openai_live': {'audio_second': usage_amount(usage, 'seconds'), 'told': usage_amount(usage, 'seconds')},
        'xai_chat': xai_chat_usage(usage),
        'xai_realtime': xai_realtime_usage(usage),
        'perplexity_chat': perplexity_chat_usage(usage),
        'anthropic': anthropic_usage(usage),
        'gemini': gemini_usage(usage),
        'bedrock_converse': bedrock_converse_usage(usage),
        'cohere_billed': {
            'input_uncached': usage_count(usage, 'billed_units.input_tokens'),
            'input_image': usage_count(usage, 'billed_units.image_tokens'),
            'output': usage_count(usage, 'billed_units.output_tokens'),
            'told': usage_count(
                usage, 'billed_units.input_tokens', 'billed_units.output_tokens', 'billed_units.image_tokens'
            ),
        },
        'cohere_tokens': {
            'input_total': usage_count(usage, 'tokens.input_tokens'),
            'input_holds': ['cache_read'],
            'cache_read': usage_count(usage, 'cached_tokens'),
            'output': usage_count(usage, 'tokens.output_tokens'),
            'told': usage_count(usage, 'tokens.input_tokens', 'tokens.output_tokens'),
        },
        'mistral_ocr': {
            'page': usage_count(usage, 'pages_processed'), 'told': usage_count(usage, 'pages_processed'),
        },
    } %}
    {{ return(families[family]) }}
{% endmacro %}

{# Whether a usage object has what its family always tells: another one's would read as no tokens at all. #}
{% macro usage_is_told(tokens) -%}
    ({{ tokens.told }} is not null)
{%- endmacro %}

{# How many of a unit (`request_units()`) a usage object tells. #}
{% macro unit_count(unit, tokens) -%}
    cast(coalesce({{ tokens.get(unit, 'null') }}, 0) as {{ request_unit_types()[unit] }})
{%- endmacro %}

{# What is at a path of names, as text. #}
{% macro usage_member(usage, path) -%}
    {%- set found = namespace(json=usage) -%}
    {%- for name in path.split('.') -%}
        {%- set found.json = json_member(found.json, "'" ~ name ~ "'") -%}
    {%- endfor -%}
    {{ found.json }}
{%- endmacro %}

{# An amount that may have a fraction; NULL where there is none. #}
{% macro usage_amount(usage, path) -%}
    try_cast({{ usage_member(usage, path) }} as decimal(38, 12))
{%- endmacro %}

{# A whole number at a path of names; NULL where there is none. Of several paths the first that has one. #}
{% macro usage_count(usage, path) -%}
    {%- set counts = [] -%}
    {%- for each in [path] + varargs | list -%}
        {%- do counts.append('try_cast(' ~ usage_member(usage, each) ~ ' as bigint)') -%}
    {%- endfor -%}
    {{ counts[0] if counts | length == 1 else 'coalesce(' ~ counts | join(', ') ~ ')' }}
{%- endmacro %}

{# Chat completions: prompt_tokens holds what was cached. DeepSeek, Alibaba and others have their own words for
   that, and those who hand on Anthropic's may count it beside. Mistral's `num_cached_tokens` is what its engine
   reused, not what it bills less for; its seconds of audio are billed beside its tokens. #}
{% macro openai_chat_usage(usage) %}
    {% set prompt = usage_count(usage, 'prompt_tokens') %}
    {% set completion = usage_count(usage, 'completion_tokens') %}
    {% set total = usage_count(usage, 'total_tokens') %}
    {% set reasoning = usage_count(usage, 'completion_tokens_details.reasoning_tokens', 'reasoning_tokens') %}
    {% set stated -%}
        coalesce({{ usage_count(usage, 'cache_read_input_tokens') }}, 0) + coalesce({{ usage_count(usage, 'cache_creation_input_tokens') }}, 0)
    {%- endset %}
    {% set whole = input_with_cached(prompt, '(' ~ stated ~ ')', completion, total) %}
    {% set hour = usage_count(
        usage, 'cache_creation.ephemeral_1h_input_tokens', 'prompt_tokens_details.cache_creation.ephemeral_1h_input_tokens'
    ) %}
    {% set written = usage_count(
        usage, 'prompt_tokens_details.cache_write_tokens', 'prompt_tokens_details.cache_creation_input_tokens',
        'cache_creation_input_tokens'
    ) %}
    {% set inside = [
        usage_count(usage, 'prompt_tokens_details.cached_tokens', 'prompt_cache_hit_tokens', 'cached_tokens', 'cache_read_input_tokens'),
        written,
    ] %}
    {% set audio = left_of_cached(usage_count(usage, 'prompt_tokens_details.audio_tokens'), whole, inside) %}
    {% set image = usage_count(usage, 'prompt_tokens_details.image_tokens') %}
    {{ return({
        'input_total': whole,
        'input_holds': ['cache_read', 'cache_write_5m', 'cache_write_1h', 'input_audio', 'input_image', 'input_video'],
        'cache_read': inside[0],
        'cache_write_5m': written ~ ' - coalesce(' ~ hour ~ ', 0)',
        'cache_write_1h': hour,
        'input_audio': audio,
        'input_image': left_for(image, whole, inside + [audio]),
        'input_video': left_for(usage_count(usage, 'prompt_tokens_details.video_tokens'), whole, inside + [audio, image]),
        'output_total': output_with_reasoning(completion, reasoning, prompt, total),
        'output_holds': ['reasoning', 'output_audio', 'output_image', 'output_video'],
        'reasoning': reasoning,
        'output_audio': usage_count(usage, 'completion_tokens_details.audio_tokens'),
        'output_image': usage_count(usage, 'completion_tokens_details.image_tokens'),
        'output_video': usage_count(usage, 'completion_tokens_details.video_tokens'),
        'audio_second': usage_amount(usage, 'prompt_audio_seconds'),
        'told': usage_count(usage, 'prompt_tokens', 'completion_tokens'),
    }) }}
{% endmacro %}

{# xAI counts reasoning beside completion_tokens, where its total does not say that it is inside; its
   older form has both counts at the top. #}
{% macro xai_chat_usage(usage) %}
    {% set completion = usage_count(usage, 'completion_tokens') %}
    {% set reasoning = usage_count(usage, 'completion_tokens_details.reasoning_tokens', 'reasoning_tokens') %}
    {% set inside -%}
        case when {{ usage_count(usage, 'total_tokens') }} = {{ usage_count(usage, 'prompt_tokens') }} + {{ completion }} then {{ reasoning }} end
    {%- endset %}
    {{ return({
        'input_total': usage_count(usage, 'prompt_tokens'),
        'input_holds': ['cache_read'],
        'cache_read': usage_count(usage, 'prompt_tokens_details.cached_tokens', 'cached_prompt_text_tokens'),
        'output_total': completion ~ ' - coalesce(' ~ inside ~ ', 0)',
        'output_holds': ['output_audio'],
        'reasoning': reasoning,
        'output_audio': usage_count(usage, 'completion_tokens_details.audio_tokens'),
        'told': usage_count(usage, 'prompt_tokens', 'completion_tokens'),
    }) }}
{% endmacro %}

{# xAI's voice, whose minutes are billed beside its tokens. #}
{% macro xai_realtime_usage(usage) %}
    {% set tokens = openai_realtime_usage(usage) %}
    {% do tokens.update({'audio_second': usage_amount(usage, 'billable_audio_seconds')}) %}
    {{ return(tokens) }}
{% endmacro %}

{# Perplexity bills reasoning, citations and searches beside completion_tokens, each at its own price. #}
{% macro perplexity_chat_usage(usage) %}
    {{ return({
        'input_uncached': usage_count(usage, 'prompt_tokens'),
        'output': usage_count(usage, 'completion_tokens'),
        'reasoning': usage_count(usage, 'reasoning_tokens'),
        'citation_token': usage_count(usage, 'citation_tokens'),
        'web_search': usage_count(usage, 'num_search_queries'),
        'told': usage_count(usage, 'prompt_tokens', 'completion_tokens'),
    }) }}
{% endmacro %}

{# The Responses API, and those of images and transcriptions (which say `input_token_details`, or seconds):
   input_tokens holds what was cached and what was written to the cache. Alibaba's own API names what was
   cached as chat completions do. #}
{% macro openai_responses_usage(usage) %}
    {% set input = usage_count(usage, 'input_tokens') %}
    {% set cached_audio = 'coalesce(' ~ usage_count(usage, 'input_tokens_details.cached_tokens_details.audio_tokens') ~ ', 0)' %}
    {% set cached_image = 'coalesce(' ~ usage_count(usage, 'input_tokens_details.cached_tokens_details.image_tokens') ~ ', 0)' %}
    {% set inside = [
        usage_count(
            usage, 'input_tokens_details.cached_tokens', 'input_tokens_details.cache_read_input_tokens',
            'prompt_tokens_details.cached_tokens'
        ),
        usage_count(usage, 'input_tokens_details.cache_write_tokens'),
    ] %}
    {% set audio = left_of_cached(
        usage_count(usage, 'input_tokens_details.audio_tokens', 'input_token_details.audio_tokens') ~ ' - ' ~ cached_audio,
        input, inside
    ) %}
    {{ return({
        'input_total': input,
        'input_holds': ['cache_read', 'cache_read_audio', 'cache_read_image', 'cache_write_5m', 'input_audio', 'input_image'],
        'cache_read': inside[0] ~ ' - ' ~ cached_audio ~ ' - ' ~ cached_image,
        'cache_read_audio': cached_audio,
        'cache_read_image': cached_image,
        'cache_write_5m': inside[1],
        'input_audio': audio,
        'input_image': left_for(
            usage_count(usage, 'input_tokens_details.image_tokens') ~ ' - ' ~ cached_image, input, inside + [audio]
        ),
        'output_total': usage_count(usage, 'output_tokens'),
        'output_holds': ['reasoning', 'output_audio', 'output_image'],
        'reasoning': usage_count(usage, 'output_tokens_details.reasoning_tokens'),
        'output_audio': usage_count(usage, 'output_tokens_details.audio_tokens'),
        'output_image': usage_count(usage, 'output_tokens_details.image_tokens'),
        'web_search': usage_count(usage, 'tool_calls_details.search_web.invocation'),
        'audio_second': usage_amount(usage, 'seconds'),
        'told': 'coalesce(' ~ usage_count(usage, 'input_tokens', 'output_tokens') ~ ', ' ~ usage_amount(usage, 'seconds') ~ ')',
    }) }}
{% endmacro %}

{# Realtime: the details are called otherwise, and what was cached of audio and images is told, mostly. #}
{% macro openai_realtime_usage(usage) %}
    {% set audio = 'coalesce(' ~ usage_count(usage, 'input_token_details.cached_tokens_details.audio_tokens') ~ ', 0)' %}
    {% set image = 'coalesce(' ~ usage_count(usage, 'input_token_details.cached_tokens_details.image_tokens') ~ ', 0)' %}
    {% set cached = usage_count(usage, 'input_token_details.cached_tokens') %}
    {% set fresh_audio = left_of_cached(
        usage_count(usage, 'input_token_details.audio_tokens') ~ ' - ' ~ audio, usage_count(usage, 'input_tokens'), [cached]
    ) %}
    {{ return({
        'input_total': usage_count(usage, 'input_tokens'),
        'input_holds': ['cache_read', 'cache_read_audio', 'cache_read_image', 'input_audio', 'input_image'],
        'cache_read': cached ~ ' - ' ~ audio ~ ' - ' ~ image,
        'cache_read_audio': audio,
        'cache_read_image': image,
        'input_audio': fresh_audio,
        'input_image': left_of_cached(
            usage_count(usage, 'input_token_details.image_tokens') ~ ' - ' ~ image, usage_count(usage, 'input_tokens'),
            [cached, fresh_audio]
        ),
        'output_total': usage_count(usage, 'output_tokens'),
        'output_holds': ['output_audio'],
        'output_audio': usage_count(usage, 'output_token_details.audio_tokens'),
        'told': usage_count(usage, 'input_tokens', 'output_tokens'),
    }) }}
{% endmacro %}

{# Messages, also on Bedrock, Vertex and Azure: input_tokens is what was neither read from a cache nor
   written. A write without a stated lifetime is one of five minutes. What a compaction on the way took is
   billed, and in the list of iterations alone. #}
{% macro anthropic_usage(usage) %}
    {% set hour = usage_count(usage, 'cache_creation.ephemeral_1h_input_tokens') %}
    {% set five -%}
        coalesce({{ usage_count(usage, 'cache_creation_input_tokens') }} - coalesce({{ hour }}, 0), {{ usage_count(usage, 'cache_creation.ephemeral_5m_input_tokens') }})
    {%- endset %}
    {% set compacted = {} %}
    {% for name in ['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens', 'output_tokens'] %}
        {% set count = json_list_count(json_member(usage, "'iterations'"), 'type', 'compaction', name) %}
        {% do compacted.update({name: ' + coalesce(' ~ count ~ ', 0)'}) %}
    {% endfor %}
    {{ return({
        'input_uncached': 'coalesce(' ~ usage_count(usage, 'input_tokens') ~ ', 0)' ~ compacted.input_tokens,
        'cache_read': 'coalesce(' ~ usage_count(usage, 'cache_read_input_tokens') ~ ', 0)' ~ compacted.cache_read_input_tokens,
        'cache_write_5m': 'coalesce(' ~ five ~ ', 0)' ~ compacted.cache_creation_input_tokens,
        'cache_write_1h': hour,
        'output_total': 'coalesce(' ~ usage_count(usage, 'output_tokens') ~ ', 0)' ~ compacted.output_tokens,
        'output_holds': ['reasoning'],
        'reasoning': usage_count(usage, 'output_tokens_details.thinking_tokens'),
        'web_search': usage_count(usage, 'server_tool_use.web_search_requests'),
        'told': usage_count(usage, 'input_tokens', 'output_tokens'),
    }) }}
{% endmacro %}
