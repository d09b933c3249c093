{#
    How tables that keep history take in what arrived; each is one statement or transaction where the
    engine has them. `incremental_strategy` names one:

    whole_days     the days of int_touched_dates are exactly what the model returns for them, so a
                   day that lost all its rows is emptied too
    arrived_units  the load units that arrived again are exactly what the model returns for them,
                   also those that arrived empty
#}
{% macro get_incremental_whole_days_sql(arg_dict) %}
    {{ return(replace_rows_sql(arg_dict, touched_day_condition(arg_dict['target_relation'].identifier))) }}
{% endmacro %}

{% macro get_incremental_arrived_units_sql(arg_dict) %}
    {{ return(replace_rows_sql(arg_dict, arrived_unit_condition(arg_dict['target_relation'].identifier))) }}
{% endmacro %}

{% macro touched_day_condition(table) -%}
    {{ table }}.usage_date in (select usage_date from {{ ref('int_touched_dates') }})
{%- endmacro %}

{% macro arrived_unit_condition(table) -%}
    exists (
        select 1
        from {{ ref('int_units_arrived') }} as arrived
        where arrived.source_name = {{ table }}.source_name
            and arrived.load_unit_id = {{ table }}.load_unit_id
    )
{%- endmacro %}

{% macro replace_rows_sql(arg_dict, condition) %}
    {% set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') %}
    delete from {{ arg_dict['target_relation'] }}
    where {{ condition }};

    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
{% endmacro %}
