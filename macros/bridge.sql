{#
    What a month's quantity cost at the mean of two months' unit costs: `own_value` is that month's cost, for
    `own_quantity`. Half of its own cost, half of what the other month would have paid for it: swapping the months swaps the
    two values, so no order of the months is preferred. Where the quantities are more than a thousandfold apart (or
    one is nothing), or the amounts beyond what 38 digits hold, the larger month's unit cost stands for both.
#}
{% macro value_at_mean_cost(own_value, own_quantity, other_value, other_quantity) -%}
    case
        when {{ own_quantity }} = 0 and {{ other_quantity }} = 0 then {{ own_value }}
        when {{ own_quantity }} <= 1000 * {{ other_quantity }}
            and {{ other_quantity }} <= 1000 * {{ own_quantity }}
            and greatest({{ own_quantity }}, {{ other_quantity }}) < 100000000000000
            and greatest(abs({{ own_value }}), abs({{ other_value }})) < 1000000000000
            then cast(
                cast({{ own_value }} + {{ amount_for_quantity(other_value, own_quantity, other_quantity) }} as decimal(30, 12))
                * cast(0.5 as decimal(1, 1))
                as decimal(38, 12)
            )
        when {{ own_quantity }} > {{ other_quantity }} then {{ own_value }}
        else {{ times_share(other_value, share_of(own_quantity, other_quantity, 6)) }}
    end
{%- endmacro %}

{# What so much costs where so much else costs that; Spark's shares end below nine, 1 / 128 has seven decimals. #}
{% macro amount_for_quantity(amount, quantity, of_quantity) -%}
    case
        when {{ quantity }} <= 8 * {{ of_quantity }} then {{ times_share(amount, share_of(quantity, of_quantity, 6)) }}
        else {{ times_share(
            'cast(' ~ amount ~ ' as decimal(26, 12)) * cast(128 as decimal(3, 0))',
            share_of(quantity, 'cast(' ~ of_quantity ~ ' as decimal(30, 12)) * cast(128 as decimal(3, 0))', 6)
        ) }}
    end
{%- endmacro %}

{# The month before, and the month after. #}
{% macro previous_month(month) -%}
    cast({{ month }} - interval 1 month as date)
{%- endmacro %}

{% macro next_month(month) -%}
    cast({{ month }} + interval 1 month as date)
{%- endmacro %}

{#
    The side of a call that a class stands on: within a side the classes differ by what the cache does. What is
    no text is a side of its own.
#}
{% macro token_side(token_class) -%}
    case
        when {{ token_class }} in ('input_uncached', 'cache_read', 'cache_write_5m', 'cache_write_1h') then 'input'
        else {{ token_class }}
    end
{%- endmacro %}
