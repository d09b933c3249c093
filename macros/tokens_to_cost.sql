{# Tokens times a price per token as decimal(38, 12): exact, and of the same scale on Spark. #}
{% macro tokens_to_cost(tokens, price_per_token) -%}
    cast(cast({{ tokens }} as decimal(19, 0)) * cast({{ price_per_token }} as decimal(18, 12)) as decimal(38, 12))
{%- endmacro %}

{# Searches, seconds, images times a price for one: a part of a second counts. #}
{% macro units_to_cost(units, price_per_unit) -%}
    cast(cast({{ units }} as decimal(20, 6)) * cast({{ price_per_unit }} as decimal(18, 12)) as decimal(38, 12))
{%- endmacro %}

{# Cost of a count of one class of tokens, or of one unit. #}
{% macro class_to_cost(name, count, price) -%}
    {{ tokens_to_cost(count, price) if name in token_classes() else units_to_cost(count, price) }}
{%- endmacro %}

{# A price for so many units as the price of one: per million, thousand, hour, one. NULL for others. #}
{% macro unit_price(price, unit_size) -%}
    case {{ unit_size }}
        when 1 then cast({{ price }} as decimal(18, 12))
        when 1000 then cast(cast({{ price }} as decimal(30, 12)) * cast(0.001 as decimal(3, 3)) as decimal(18, 12))
        -- An hour's price has no end in seconds: right to the last digit kept.
        when 3600
            then cast(cast({{ price }} as decimal(18, 9)) * cast(0.000277777777777778 as decimal(18, 18)) as decimal(18, 12))
        when 1000000 then {{ per_million_to_per_token(price) }}
    end
{%- endmacro %}

{# A price per million tokens as the price of one; moves the point, never divides. #}
{% macro per_million_to_per_token(price) -%}
    cast(cast({{ price }} as decimal(30, 12)) * cast(0.000001 as decimal(6, 6)) as decimal(18, 12))
{%- endmacro %}
