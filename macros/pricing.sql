{# Prices usage rows by `int_price_rates`; see models/intermediate/prices/int_price_rates.yml. #}

{% macro token_classes() -%}
    {{ return([
        'input_uncached', 'cache_read', 'cache_read_audio', 'cache_read_image', 'cache_write_5m', 'cache_write_1h',
        'input_audio', 'input_image', 'input_video',
        'output', 'reasoning', 'output_audio', 'output_image', 'output_video',
    ]) }}
{%- endmacro %}

{% macro output_token_classes() -%}
    {{ return(['output', 'reasoning', 'output_audio', 'output_image', 'output_video']) }}
{%- endmacro %}

{# Classes of input: what decides the context tier is all of them. #}
{% macro input_token_classes() -%}
    {{ return(token_classes() | reject('in', output_token_classes()) | list) }}
{%- endmacro %}

{# What has a price of its own and is no token, with its unit in usage reports and bills. #}
{% macro priced_units() -%}
    {{ return({
        'web_search': 'Tool calls', 'file_search': 'Tool calls', 'audio_second': 'Seconds', 'image': 'Images',
        'character': 'Characters', 'page': 'Pages', 'citation_token': 'Citation tokens',
    }) }}
{%- endmacro %}

{#
    What a row of a provider's report is priced as: its class of tokens, or its unit. One word of a unit may stand
    for several prices: which one, the operation tells. Null is what has no price in any book.
#}
{% macro price_class_of_usage(usage) -%}
    case
        when {{ usage }}.token_class is not null then {{ usage }}.token_class
        {%- for name, unit in priced_units().items() %}
        when {{ usage }}.consumed_unit = '{{ unit }}'
            {%- if unit == 'Tool calls' %}
            and {{ usage }}.operation_name like '{{ name }}%'
            {%- endif %}
            then '{{ name }}'
        {%- endfor %}
    end
{%- endmacro %}

{# Of these, what a call's own record tells, with the type of `<unit>_count`. #}
{% macro request_unit_types() -%}
    {{ return({
        'web_search': 'bigint', 'audio_second': 'decimal(38, 12)', 'citation_token': 'bigint', 'page': 'bigint',
    }) }}
{%- endmacro %}

{% macro request_units() -%}
    {{ return(request_unit_types() | list) }}
{%- endmacro %}

{# The columns that count them. #}
{% macro unit_columns() -%}
    {%- set columns = [] -%}
    {%- for unit in request_units() %}{% do columns.append(unit ~ '_count') %}{% endfor -%}
    {{ return(columns) }}
{%- endmacro %}

{# All that a price book prices, by the name that its prices and rates have. #}
{% macro price_classes() -%}
    {{ return(token_classes() + priced_units() | list) }}
{%- endmacro %}

{# Whether a class of a price row is a unit, each of which is priced for itself. #}
{% macro is_priced_unit(token_class) -%}
    coalesce({{ token_class }} in ('{{ priced_units() | join("', '") }}'), false)
{%- endmacro %}

{# Where a call was answered, as prices know it: empty = wherever the provider does by default. #}
{% macro price_region(region_id) -%}
    coalesce(lower({{ region_id }}), '')
{%- endmacro %}

{# Anthropic's word for where a call was answered. #}
{% macro inference_region(word) -%}
    nullif(nullif(lower({{ word }}), 'not_available'), '')
{%- endmacro %}

{# The id of a list model: unique over providers, readable, stable over editions. #}
{% macro ai_model_id(provider_id, model_id) -%}
    {{ provider_id }} || '/' || {{ model_id }}
{%- endmacro %}

{# Input of every kind: what decides the context tier. #}
{% macro total_input_tokens(usage) -%}
    {%- for name in input_token_classes() %}{{ usage }}.{{ name }}_tokens{{ ' + ' if not loop.last }}{% endfor -%}
{%- endmacro %}

{# The `on` clause that finds the one rate of a usage row at a moment; no rate = no price known. #}
{% macro price_rate_join(usage, rates, moment='started_at') -%}
    {{ usage }}.service_provider_name = {{ rates }}.service_provider_name
    and {{ usage }}.model_name = {{ rates }}.model_name
    and {{ usage }}.service_tier = {{ rates }}.service_tier
    and {{ price_region(usage ~ '.region_id') }} = {{ rates }}.region_id
    and {{ usage }}.{{ moment }} >= {{ rates }}.valid_from
    and {{ usage }}.{{ moment }} < {{ rates }}.valid_to
    and {{ total_input_tokens(usage) }} >= {{ rates }}.context_tier_start
    and {{ total_input_tokens(usage) }} < {{ rates }}.context_tier_end
    and (
        {{ rates }}.is_whole_day
        or extract(hour from {{ usage }}.{{ moment }}) * 60 + extract(minute from {{ usage }}.{{ moment }})
            between {{ rates }}.minute_of_day_from and {{ rates }}.minute_of_day_to - 1
    )
{%- endmacro %}

{#
    Cost of the classes of a usage row that have a price; `which` is list or contracted. NULL where
    there are tokens or units and none of them has one; what is left out is in `unpriced_tokens`.
    `units`: those that the usage row counts, as `<unit>_count`.
#}
{% macro estimated_cost(usage, rates, which, units=[]) -%}
    {%- set counts = {} -%}
    {%- for name in token_classes() %}{% do counts.update({name: usage ~ '.' ~ name ~ '_tokens'}) %}{% endfor -%}
    {%- for name in units %}{% do counts.update({name: usage ~ '.' ~ name ~ '_count'}) %}{% endfor -%}
    case
        when (
            {%- for count in counts.values() %}
            {{ 'or ' if not loop.first }}{{ count }} > 0
            {%- endfor %}
        ) and not (
            {%- for name, count in counts.items() %}
            {{ 'or ' if not loop.first }}({{ count }} > 0 and {{ rates }}.{{ which }}_{{ name }}_price is not null)
            {%- endfor %}
        )
            then cast(null as decimal(38, 12))
        else cast(
            {%- for name, count in counts.items() %}
            {{ '+ ' if not loop.first }}coalesce({{ class_to_cost(name, count, rates ~ '.' ~ which ~ '_' ~ name ~ '_price') }}, 0)
            {%- endfor %}
            as decimal(38, 12)
        )
    end
{%- endmacro %}

{# Tokens of a usage row whose class has neither a negotiated nor a list price: missing from every estimate. #}
{% macro unpriced_tokens(usage, rates) -%}
    {%- for token_class in token_classes() %}
    {{ '+ ' if not loop.first }}case when {{ rates }}.contracted_{{ token_class }}_price is null then {{ usage }}.{{ token_class }}_tokens else 0 end
    {%- endfor %}
{%- endmacro %}

{# The first token above a bound such as `200k`, `1m` or `200000` of a context tier. #}
{% macro tokens_above(bound) -%}
    cast(regexp_extract({{ bound }}, '^([0-9]+)', 1) as bigint)
    * case right({{ bound }}, 1) when 'k' then 1000 when 'm' then 1000000 else 1 end + 1
{%- endmacro %}

{# Whether one clause of the list's match rules holds for a text in lower case. #}
{% macro clause_holds(clauses, text) -%}
    {{ clauses }}.is_negated <> case {{ clauses }}.operator
        when 'equals' then {{ text }} = {{ clauses }}.match_value
        when 'starts_with' then left({{ text }}, length({{ clauses }}.match_value)) = {{ clauses }}.match_value
        when 'ends_with' then right({{ text }}, length({{ clauses }}.match_value)) = {{ clauses }}.match_value
        when 'contains' then position({{ clauses }}.match_value in {{ text }}) > 0
        when 'regex' then {{ matches_pattern(text, clauses ~ '.match_value') }}
    end
{%- endmacro %}
