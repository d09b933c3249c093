{# Tokens times a price per token as decimal(38, 12): exact, and of the same scale on Spark. #}
{% macro tokens_to_cost(tokens, price_per_token) -%}
    cast(cast({{ tokens }} as decimal(19, 0)) * cast({{ price_per_token }} as decimal(18, 12)) as decimal(38, 12))
{%- endmacro %}

{# A price per million tokens as the price of one; moves the point, never divides. #}
{% macro per_million_to_per_token(price) -%}
    cast(cast({{ price }} as decimal(30, 12)) * cast(0.000001 as decimal(6, 6)) as decimal(18, 12))
{%- endmacro %}
