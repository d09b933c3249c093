{# `a_tokens, b_tokens, ...`, each behind the prefix. #}
{% macro token_columns(prefix='') -%}
    {%- for token_class in token_classes() %}{{ prefix }}{{ token_class }}_tokens{{ ', ' if not loop.last }}{% endfor -%}
{%- endmacro %}

{# The sum of all classes. #}
{% macro token_total(prefix='') -%}
    {%- for token_class in token_classes() %}{{ prefix }}{{ token_class }}_tokens{{ ' + ' if not loop.last }}{% endfor -%}
{%- endmacro %}

{# `sum(a_tokens)` as bigint per class; both engines widen a sum of bigint otherwise. #}
{% macro sum_token_columns(prefix='') -%}
    {%- for token_class in token_classes() %}
    cast(sum({{ prefix }}{{ token_class }}_tokens) as bigint) as {{ token_class }}_tokens{{ ',' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{# The measures of what was metered, summed: all but the keys and the currency of int_metered_usage_by_key. #}
{% macro sum_metered_columns() -%}
    {{ sum_token_columns() }},
    cast(sum(request_count) as bigint) as request_count,
    cast(sum(failed_request_count) as bigint) as failed_request_count,
    cast(sum(estimated_list_cost) as decimal(38, 12)) as estimated_list_cost,
    cast(sum(estimated_contracted_cost) as decimal(38, 12)) as estimated_contracted_cost
{%- endmacro %}

{# Long rows (token_class, tokens) to one bigint column a class. #}
{% macro pivot_token_classes(tokens='tokens', token_class='token_class') -%}
    {%- for name in token_classes() %}
    cast(coalesce(sum(case when {{ token_class }} = '{{ name }}' then {{ tokens }} end), 0) as bigint) as {{ name }}_tokens{{ ',' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#
    Where a provider's word for a context tier starts, in tokens: '200k-1M' is 200000, '0-200k' is 0.
    NULL where the provider does not tell tiers apart.
#}
{% macro context_tier_start(context_tier) -%}
    case
        when {{ context_tier }} is null then cast(null as bigint)
        when {{ context_tier }} like '%k-%'
            then cast(split_part({{ context_tier }}, 'k-', 1) as bigint) * 1000
        else cast(0 as bigint)
    end
{%- endmacro %}

{# Cost of one class's tokens or one unit's count, where that is a value: NULL where it has no price. #}
{% macro cost_of_class(price_class, count, rates, kind) -%}
    cast(
        case {{ price_class }}
            {%- for name in price_classes() %}
            when '{{ name }}' then {{ class_to_cost(name, count, rates ~ '.' ~ kind ~ '_' ~ name ~ '_price') }}
            {%- endfor %}
        end
        as decimal(38, 12)
    )
{%- endmacro %}

{#
    The class in which bills, usage reports and gateways meet: providers bill reasoning as output and do not
    split it off, and few gateways tell what was cached apart by its content.
#}
{% macro billed_class(token_class) -%}
    case
        when {{ token_class }} = 'reasoning' then 'output'
        when {{ token_class }} in ('cache_read_audio', 'cache_read_image') then 'cache_read'
        else {{ token_class }}
    end
{%- endmacro %}

{#
    A bill's words for input, output or what was cached, in lower case, to the class by the content that they
    name beside that: "image input", "output audio tokens", "img opt". Models' own names hold such words too.
#}
{% macro class_by_content(words, plain) -%}
    {%- set sides = 'input|inp|output|outpt|outp|opt|cached|cchd|cache' -%}
    {%- set contents = {'audio': 'audio|speech', 'image': 'image|img', 'video': 'video'} -%}
    case
        {%- for content, patterns in contents.items() if plain ~ '_' ~ content in token_classes() or plain == 'input_uncached' %}
        when regexp_extract({{ words }}, '({{ patterns }})s?[ _-]*(tokens?[ _-]*)?({{ sides }})', 0) <> ''
            or regexp_extract({{ words }}, '({{ sides }})[ _-]*(tokens?[ _-]*)?({{ patterns }})', 0) <> ''
            then '{{ 'input' if plain == 'input_uncached' else plain }}_{{ content }}'
        {%- endfor %}
        else '{{ plain }}'
    end
{%- endmacro %}

{# Whole tokens split evenly: each part cut off, and the one of place 1 takes what is left. #}
{% macro even_part(tokens, part_count, place) -%}
    {%- set part = 'cast(floor(' ~ times_share(tokens, share_of('1', part_count)) ~ ') as bigint)' -%}
    case when {{ place }} = 1 then {{ tokens }} - {{ part }} * ({{ part_count }} - 1) else {{ part }} end
{%- endmacro %}
