{# The currency that everything is also shown in: the setting `reporting_currency`, as a text of SQL. #}
{% macro reporting_currency() -%}
    '{{ env_var('BURSAR_REPORTING_CURRENCY', 'USD') if execute else 'USD' }}'
{%- endmacro %}

{#
    An amount in another currency, rounded half up to the money scale; NULL where amount or rate is.
    The rate's whole part apart: an amount and a rate may both be large.
#}
{% macro convert_currency(amount, rate) -%}
    cast(
        cast(cast({{ amount }} as decimal(38, 12)) * cast(floor({{ rate }}) as decimal(7, 0)) as decimal(38, 12))
        + {{ times_share(amount, rate ~ ' - cast(floor(' ~ rate ~ ') as decimal(38, 18))') }}
        as decimal(38, 12)
    )
{%- endmacro %}

{# The rate of the way from one currency over a second to a third, to 18 decimals. #}
{% macro cross_rate(first_rate, second_rate) -%}
    cast(
        {{ convert_currency('cast(cast(' ~ first_rate ~ ' as decimal(30, 18)) * cast(1000000 as decimal(7, 0)) as decimal(38, 12))', second_rate) }}
        * cast(0.000001 as decimal(6, 6))
        as decimal(38, 18)
    )
{%- endmacro %}

{#
    What core.dim_fx_rates knows of two currencies in a month, joined under `alias`: no row where it knows
    no rate, 1 for the same currency.
#}
{% macro join_fx_rate(alias, month, from_currency, to_currency) -%}
    left join {{ ref('dim_fx_rates') }} as {{ alias }}
        on {{ month }} = {{ alias }}.rate_month
        and {{ from_currency }} = {{ alias }}.from_currency
        and {{ to_currency }} = {{ alias }}.to_currency
{%- endmacro %}

{# The sum of converted amounts where each of those that they came from could be converted, else NULL: a sum without them would be too small. #}
{% macro sum_of_known(converted, amount) -%}
    case when count({{ converted }}) = count({{ amount }}) then cast(sum({{ converted }}) as decimal(38, 12)) end
{%- endmacro %}

{# An amount in the currency that a provider bills in, where it bills: as it is in its own, else converted, NULL without a rate; with join_fx_rate. #}
{% macro in_currency(amount, currency, billing_currency, rate='fx_rates.fx_rate') -%}
    case
        when {{ billing_currency }} is null or {{ billing_currency }} = {{ currency }} then {{ amount }}
        else {{ convert_currency(amount, rate) }}
    end
{%- endmacro %}

{# An amount in the reporting currency: as it is in that, else converted, NULL without a rate; with join_fx_rate. #}
{% macro in_reporting_currency(amount, currency, rate='fx_rates.fx_rate') -%}
    case
        when {{ currency }} = {{ reporting_currency() }} then {{ amount }}
        else {{ convert_currency(amount, rate) }}
    end
{%- endmacro %}
