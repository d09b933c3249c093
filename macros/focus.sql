{# A unit as FOCUS writes one, capital and plural, where the bill's word is known; else `Units`. #}
{% macro focus_unit(unit) -%}
    case
        when {{ unit }} is null then null
        when lower({{ unit }}) in (
            'tokens', 'requests', 'images', 'seconds', 'minutes', 'hours', 'days', 'months', 'characters', 'pages',
            'seats', 'credits', 'sessions', 'bytes', 'units'
        ) then upper(substring({{ unit }}, 1, 1)) || lower(substring({{ unit }}, 2))
        else 'Units'
    end
{%- endmacro %}

{# The service's category, where the bill has a word of the list; what it bills is AI otherwise. #}
{% macro focus_service_subcategory(service_category) -%}
    case
        when {{ service_category }} = 'AI and Machine Learning' then 'Generative AI'
        else 'Other (' || {{ service_category }} || ')'
    end
{%- endmacro %}
