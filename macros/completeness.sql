{# Days until what a day came to counts as final, and over which ages are told. #}
{% macro settled_after_days() -%}
    {{ return(28) }}
{%- endmacro %}

{# Past days that completeness is measured on, and how many of them it takes. #}
{% macro completeness_window() -%}
    {{ return(56) }}
{%- endmacro %}

{% macro least_completeness_days() -%}
    {{ return(14) }}
{%- endmacro %}

{# Of a day that usually shows less than this, what it shows says nothing of the rest. #}
{% macro least_completeness() -%}
    cast(0.1 as decimal(38, 18))
{%- endmacro %}

{# Whole days from one date to another. #}
{% macro whole_days(first_date, last_date) -%}
    cast(
        ({{ epoch_seconds('cast(' ~ last_date ~ ' as timestamp)') }} - {{ epoch_seconds('cast(' ~ first_date ~ ' as timestamp)') }}) / 86400
        as integer
    )
{%- endmacro %}

{# What one series of records is told apart by: usage has neither account nor currency. #}
{% macro completeness_series(prefix='') -%}
    md5(concat_ws(
        '|', {{ prefix }}record_kind, {{ prefix }}source_name, {{ prefix }}service_provider_name,
        {{ prefix }}billing_account_id, {{ prefix }}billing_currency
    ))
{%- endmacro %}
