{# Prices usage rows by `int_price_rates`; see models/intermediate/prices/int_price_rates.yml. #}

{% macro token_classes() -%}
    {{ return([
        'input_uncached', 'cache_read', 'cache_write_5m', 'cache_write_1h', 'input_audio',
        'output', 'reasoning', 'output_audio',
    ]) }}
{%- endmacro %}

{# Where a call was answered, as prices know it: empty = wherever the provider does by default. #}
{% macro price_region(region_id) -%}
    coalesce(lower({{ region_id }}), '')
{%- endmacro %}

{# The id of a list model: unique over providers, readable, stable over editions. #}
{% macro ai_model_id(provider_id, model_id) -%}
    {{ provider_id }} || '/' || {{ model_id }}
{%- endmacro %}

{# Input of every kind: what decides the context tier. #}
{% macro total_input_tokens(usage) -%}
    {{ usage }}.input_uncached_tokens + {{ usage }}.cache_read_tokens
    + {{ usage }}.cache_write_5m_tokens + {{ usage }}.cache_write_1h_tokens
    + {{ usage }}.input_audio_tokens
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
    there are tokens and none of their classes has one; what is left out is in `unpriced_tokens`.
#}
{% macro estimated_cost(usage, rates, which) -%}
    case
        when (
            {%- for token_class in token_classes() %}
            {{ 'or ' if not loop.first }}{{ usage }}.{{ token_class }}_tokens > 0
            {%- endfor %}
        ) and not (
            {%- for token_class in token_classes() %}
            {{ 'or ' if not loop.first }}({{ usage }}.{{ token_class }}_tokens > 0 and {{ rates }}.{{ which }}_{{ token_class }}_price is not null)
            {%- endfor %}
        )
            then cast(null as decimal(38, 12))
        else cast(
            {%- for token_class in token_classes() %}
            {{ '+ ' if not loop.first }}coalesce({{ tokens_to_cost(usage ~ '.' ~ token_class ~ '_tokens', rates ~ '.' ~ which ~ '_' ~ token_class ~ '_price') }}, 0)
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
