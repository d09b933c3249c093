{#
    Share of a part in a whole as decimal(38, 18), cut off (never rounded up). NULL where the whole
    is zero or null. `decimals` says how many decimals part and whole have (tokens 0, money 12).
    DuckDB divides decimals as doubles, so the division is done on whole numbers; a whole of a
    hundred million or more keeps four decimals, so that 128 bits hold it.
#}
{% macro share_of(part, whole, decimals=0) -%}
    {{ return(adapter.dispatch('share_of')(part, whole, decimals)) }}
{%- endmacro %}

{% macro duckdb__share_of(part, whole, decimals) -%}
    {%- if decimals > 4 -%}
    case
        when abs({{ whole }}) < 100000000 then {{ duckdb__whole_number_share(part, whole, decimals) }}
        else {{ duckdb__whole_number_share(part, whole, 4) }}
    end
    {%- else -%}
    {{ duckdb__whole_number_share(part, whole, decimals) }}
    {%- endif -%}
{%- endmacro %}

{% macro duckdb__whole_number_share(part, whole, decimals) -%}
    {%- set shift = '1' ~ '0' * decimals -%}
    cast(
        cast({{ part }} * {{ shift }} as hugeint) * 1000000000000000000
        // nullif(cast({{ whole }} * {{ shift }} as hugeint), 0)
        as decimal(38, 0)
    ) * cast(0.000000000000000001 as decimal(18, 18))
{%- endmacro %}

{#
    Spark's decimals have 38 digits too, and `/` would round the last of them, so it is `div`, which
    cuts off; it gives a bigint, so a share is below nine.
#}
{% macro spark__share_of(part, whole, decimals) -%}
    {%- if decimals > 4 -%}
    case
        when abs({{ whole }}) < 100000000 then {{ spark__whole_number_share(part, whole, decimals) }}
        else {{ spark__whole_number_share(part, whole, 4) }}
    end
    {%- else -%}
    {{ spark__whole_number_share(part, whole, decimals) }}
    {%- endif -%}
{%- endmacro %}

{% macro spark__whole_number_share(part, whole, decimals) -%}
    {%- set shift = '1' ~ '0' * decimals -%}
    cast(
        cast({{ part }} * {{ shift }} as decimal(20, 0)) * cast(1000000000000000000 as decimal(19, 0))
        div nullif(cast({{ whole }} * {{ shift }} as decimal(20, 0)), 0)
        as decimal(38, 0)
    ) * cast(0.000000000000000001 as decimal(18, 18))
{%- endmacro %}

{#
    An amount times a share, rounded half up to the money scale; NULL stays NULL. In two steps, the
    share's first nine decimals and the rest: at once, 38 digits would leave the amount eight.
#}
{% macro times_share(amount, share) -%}
    cast(
        cast(cast({{ amount }} as decimal(38, 12)) * cast({{ share }} as decimal(18, 9)) as decimal(38, 21))
        + cast(
            cast({{ amount }} as decimal(38, 12))
            * cast({{ share }} - cast({{ share }} as decimal(18, 9)) as decimal(18, 18))
            as decimal(38, 21)
        )
        as decimal(38, 12)
    )
{%- endmacro %}

{#
    A count's share in whole units, cut off. The share was cut off before, at the eighteenth decimal, so that of millions of
    tokens a whole part would seem to lack a little and lose one: a millionth of a unit is added.
#}
{% macro whole_part(count, share) -%}
    floor({{ times_share(count, share) }} + cast(0.000001 as decimal(38, 12)))
{%- endmacro %}

{#
    The largest share takes what rounding left over, so that the parts of one origin sum to the
    origin to the last digit. `place` is 1 on the row that takes it.
#}
{% macro with_remainder(part, origin_amount, origin_id, place) -%}
    case
        when {{ place }} = 1
            then {{ part }} + {{ origin_amount }} - sum({{ part }}) over (partition by {{ origin_id }})
        else {{ part }}
    end
{%- endmacro %}

{#
    An amount, taken so many times, by a whole number: a rate, not a sum of money; decimal(38, 12), cut
    off. NULL where there is nothing to divide by. Division of whole numbers, as in share_of.
#}
{% macro rate_of(amount, quantity, times=1) -%}
    {{ return(adapter.dispatch('rate_of')(amount, quantity, times)) }}
{%- endmacro %}

{# The amount in millionth millionths, its whole part apart: a decimal of 38 digits would hold no more than 10^14 of them. #}
{% macro duckdb__rate_of(amount, quantity, times) -%}
    {%- set exact = 'cast(' ~ amount ~ ' as decimal(38, 12))' -%}
    cast(
        cast(
            (
                cast(floor({{ exact }}) as hugeint) * 1000000000000
                + cast(({{ exact }} - floor({{ exact }})) * 1000000000000 as hugeint)
            ) * {{ times }}
            // nullif(cast({{ quantity }} as hugeint), 0)
            as decimal(38, 0)
        ) * cast(0.000000000001 as decimal(12, 12))
        as decimal(38, 12)
    )
{%- endmacro %}

{#
    `div` would make a bigint of it; what the divisor divides without a rest, `/` divides exactly. The whole
    part and what it leaves apart: 38 digits hold no large amount in millionth millionths. All of it has the amount's
    sign, so that it is cut off towards zero as on DuckDB.
#}
{% macro spark__rate_of(amount, quantity, times) -%}
    {%- set exact = 'cast(' ~ amount ~ ' as decimal(38, 12))' -%}
    {%- set fraction = 'cast(' ~ exact ~ ' % cast(1 as decimal(1, 0)) as decimal(12, 12))' -%}
    {%- set many = 'cast(' ~ times ~ ' as decimal(7, 0))' -%}
    {%- set small = 'cast(1000000000000 as decimal(13, 0))' -%}
    {%- set divisor = 'nullif(cast(' ~ quantity ~ ' as decimal(22, 0)), 0)' -%}
    {%- set whole = 'cast(cast(' ~ exact ~ ' - ' ~ fraction ~ ' as decimal(26, 0)) * ' ~ many ~ ' as decimal(33, 0))' -%}
    {%- set rest = 'cast(cast(' ~ whole ~ ' % ' ~ divisor ~ ' as decimal(22, 0)) * ' ~ small
        ~ ' + cast(' ~ fraction ~ ' * ' ~ small ~ ' as decimal(12, 0)) * ' ~ many ~ ' as decimal(35, 0))' -%}
    cast(
        cast(cast({{ whole }} - {{ whole }} % {{ divisor }} as decimal(33, 0)) / {{ divisor }} as decimal(25, 0))
        + cast(cast({{ rest }} - {{ rest }} % {{ divisor }} as decimal(35, 0)) / {{ divisor }} as decimal(19, 0))
        * cast(0.000000000001 as decimal(12, 12))
        as decimal(38, 12)
    )
{%- endmacro %}

{# What one unit of the other currency costs in this one: 1 by the rate, to 18 decimals, cut off. NULL for zero. #}
{% macro inverse_rate(rate) -%}
    {{ return(adapter.dispatch('inverse_rate')(rate)) }}
{%- endmacro %}

{% macro duckdb__inverse_rate(rate) -%}
    cast(
        cast(
            cast(1000000000000000000000000000000 as hugeint)
            // nullif(cast(cast({{ rate }} as decimal(38, 12)) * 1000000000000 as hugeint), 0)
            as decimal(38, 0)
        ) * cast(0.000000000000000001 as decimal(18, 18))
        as decimal(38, 18)
    )
{%- endmacro %}

{# As in rate_of: `div` would make a bigint of it. #}
{% macro spark__inverse_rate(rate) -%}
    {%- set whole = 'cast(1000000000000000000000000000000 as decimal(31, 0))' -%}
    {%- set divisor = 'nullif(cast(cast(' ~ rate ~ ' as decimal(20, 12)) * cast(1000000000000 as decimal(13, 0)) as decimal(20, 0)), 0)' -%}
    cast(
        cast(cast({{ whole }} - {{ whole }} % {{ divisor }} as decimal(31, 0)) / {{ divisor }} as decimal(31, 0))
        * cast(0.000000000000000001 as decimal(18, 18))
        as decimal(38, 18)
    )
{%- endmacro %}
