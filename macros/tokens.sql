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

{# Cost of one class's tokens, where the class is a value: NULL where it has no price. #}
{% macro tokens_of_class_to_cost(token_class, tokens, rates, kind) -%}
    cast(
        case {{ token_class }}
            {%- for name in token_classes() %}
            when '{{ name }}' then {{ tokens_to_cost(tokens, rates ~ '.' ~ kind ~ '_' ~ name ~ '_price') }}
            {%- endfor %}
        end
        as decimal(38, 12)
    )
{%- endmacro %}

{# Reasoning is billed as output, and providers that bill it do not split it off. #}
{% macro billed_class(token_class) -%}
    case when {{ token_class }} = 'reasoning' then 'output' else {{ token_class }} end
{%- endmacro %}
