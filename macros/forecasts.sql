{# Ways to forecast a day, the plainer first: of two that err alike it wins. #}
{% macro forecast_methods() -%}
    {{ return(['weekday_median', 'weekday_mean', 'last_week_mean', 'same_weekday_last_week']) }}
{%- endmacro %}

{# Lengths in days of the periods whose sums are back-tested. #}
{% macro forecast_horizons() -%}
    {{ return([1, 7, 14, 28]) }}
{%- endmacro %}

{#
    How much of its half an interval is widened by at each end: errors of periods that overlap are fewer than they look, and
    lie closer together than those to come. Chosen on made-up series (benchmarks/forecasts.py), other seeds than the reported one.
#}
{% macro interval_widening(horizon_days) -%}
    case {{ horizon_days }}
        {%- for horizon, half in {1: '0', 7: '0.125', 14: '0.25', 28: '0.5'}.items() %}
        when {{ horizon }} then cast({{ half }} as decimal(38, 18))
        {%- endfor %}
    end
{%- endmacro %}

{# Days that a forecast learns from, and days on which the back-test makes one for each horizon. #}
{% macro forecast_training_days() -%}
    {{ return(28) }}
{%- endmacro %}

{% macro forecast_origins() -%}
    {{ return(56) }}
{%- endmacro %}

{# Days of a series that all of this looks at. #}
{% macro forecast_window() -%}
    {{ return(forecast_training_days() + forecast_origins() + forecast_horizons() | last - 1) }}
{%- endmacro %}

{# Whether a row stands in the middle, or is one of the two there, of `count` rows numbered by size. #}
{% macro is_in_the_middle(place, count) -%}
    2 * {{ place }} between {{ count }} and {{ count }} + 2
{%- endmacro %}

{# Half of a sum of two amounts. #}
{% macro half_of(amount) -%}
    {{ times_share(amount, 'cast(0.5 as decimal(38, 18))') }}
{%- endmacro %}

{#
    Rank from below of the errors between whose lowest and highest an interval of nine in ten lies; the
    rank from above is the same. Few errors give their extremes.
#}
{% macro interval_rank(count) -%}
    greatest(1, cast(floor(({{ count }} + 1) * cast(0.05 as decimal(3, 2))) as bigint))
{%- endmacro %}

{#
    What of a day's forecast is not billed yet, where `budget_days` says what was billed of it so far. Billed usage is part of
    the forecast; fees, taxes and credits only as far as the forecast holds some of the same sign, as of those that
    come each day: the rest of them, as a fee once a year, comes on top.
#}
{% macro missing_to_forecast() -%}
    {%- set zero = 'cast(0 as decimal(38, 12))' -%}
    {%- set billed_usage = 'coalesce(budget_days.billed_usage_cost, ' ~ zero ~ ')' -%}
    {%- set billed_other = '(coalesce(budget_days.billed_cost, ' ~ zero ~ ') - ' ~ billed_usage ~ ')' -%}
    {%- set expected_other = 'coalesce(forecasts.forecast_other_cost, ' ~ zero ~ ')' -%}
    greatest(
        forecasts.forecast_cost
        - {{ billed_usage }}
        - case
            when {{ billed_other }} > 0 and {{ expected_other }} > 0 then least({{ billed_other }}, {{ expected_other }})
            when {{ billed_other }} < 0 and {{ expected_other }} < 0 then greatest({{ billed_other }}, {{ expected_other }})
            else {{ zero }}
        end,
        {{ zero }}
    )
{%- endmacro %}
