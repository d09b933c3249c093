{#
    dbt-spark's incremental tables of Parquet know neither delete nor merge. Here a table whose rows
    are replaced by day is partitioned by the day, and only those partitions are written; the others,
    which stay small however many requests there are, are written anew beside the old ones and
    change places with them. Neither is one transaction: see macros/dialect/spark/session.sql.
#}
{% materialization incremental, adapter='spark' %}
    {% set strategy = config.get('incremental_strategy') or 'append' %}
    {% set existing = load_cached_relation(this) %}
    {% set target_relation = this.incorporate(type='table') %}
    {{ run_hooks(pre_hooks) }}

    {% if existing is none or existing.is_view or should_full_refresh() %}
        {% if existing is not none %}
            {% do adapter.drop_relation(existing) %}
        {% endif %}
        {% call statement('main') %}
            {{ create_table_as(False, target_relation, compiled_code) }}
        {% endcall %}
        {% do persist_constraints(target_relation, model) %}
    {% else %}
        {% set arrived = spark_arrived_view(compiled_code) %}
        {% if strategy == 'append' %}
            {% set columns = adapter.get_columns_in_relation(target_relation) | map(attribute='quoted') | join(', ') %}
            {% call statement('main') %}
                insert into {{ target_relation }} ({{ columns }}) select {{ columns }} from {{ arrived }}
            {% endcall %}
        {% elif strategy == 'whole_days' %}
            {% do spark_rewrite_days(target_relation, arrived) %}
        {% elif strategy == 'arrived_units' %}
            {% do spark_rewrite_table(target_relation, arrived, arrived_unit_condition('kept')) %}
        {% elif strategy == 'delete+insert' %}
            {% set keys = config.require('unique_key') %}
            {% set keys = [keys] if keys is string else keys %}
            {% set same = [] %}
            {% for key in keys %}
                {% do same.append('arrived.' ~ key ~ ' = kept.' ~ key) %}
            {% endfor %}
            {% do spark_rewrite_table(
                target_relation, arrived,
                'exists (select 1 from ' ~ arrived ~ ' as arrived where ' ~ same | join(' and ') ~ ')'
            ) %}
        {% else %}
            {{ exceptions.raise_compiler_error('No form of incremental_strategy ' ~ strategy ~ ' for Spark: add it to macros/dialect/spark/incremental.sql.') }}
        {% endif %}
    {% endif %}

    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Only tables that are replaced by day are large enough to be worth partitions. #}
{% macro spark__partition_cols(label, required=false) -%}
    {% if config.get('incremental_strategy') == 'whole_days' %}{{ label }} (usage_date){% endif %}
{%- endmacro %}

{# The model's new rows under a name; checks the contract as creating the table does. #}
{% macro spark_arrived_view(sql) %}
    {% set arrived = model.alias ~ '__arrived' %}
    {% if config.get('contract').enforced %}
        {{ get_assert_columns_equivalent(sql) }}
    {% endif %}
    {% do run_query('create or replace temporary view ' ~ arrived ~ ' as ' ~ sql) %}
    {{ return(arrived) }}
{% endmacro %}

{#
    A dynamic overwrite replaces the days that have rows now. A touched day without any keeps its
    files, by which it is known, and its partition goes.
#}
{% macro spark_rewrite_days(relation, arrived) %}
    {% set columns = adapter.get_columns_in_relation(relation) | map(attribute='quoted') | join(', ') %}
    {% set before = 'bursar_state.files_before_' ~ relation.identifier %}
    {% do spark_replace_table(
        before,
        'select distinct usage_date, _metadata.file_path as file_path from ' ~ relation
        ~ ' where ' ~ touched_day_condition(relation.identifier)
    ) %}
    {% call statement('main') %}
        insert overwrite {{ relation }} partition (usage_date) select {{ columns }} from {{ arrived }}
    {% endcall %}
    {% do run_query('refresh table ' ~ relation) %}
    {% set emptied = run_query(
        'select distinct days.usage_date from (select usage_date, _metadata.file_path as file_path from ' ~ relation
        ~ ' where ' ~ touched_day_condition(relation.identifier) ~ ') as days left semi join ' ~ before
        ~ ' as before on days.usage_date = before.usage_date and days.file_path = before.file_path'
    ) %}
    {% for day in emptied.columns[0].values() %}
        {% do run_query("alter table " ~ relation ~ " drop if exists partition (usage_date = date'" ~ day ~ "')") %}
    {% endfor %}
    {% do persist_constraints(relation, model) %}
{% endmacro %}

{# Rows that the condition does not hold for, and the arrived ones. #}
{% macro spark_rewrite_table(relation, arrived, replaced) %}
    {% set columns = adapter.get_columns_in_relation(relation) | map(attribute='quoted') | join(', ') %}
    {% set next = relation.incorporate(path={'identifier': relation.identifier ~ '__next'}) %}
    {% do run_query('drop table if exists ' ~ next) %}
    {% call statement('main') %}
        create table {{ next }} using parquet as
        select {{ columns }} from {{ relation }} as kept where not {{ replaced }}
        union all
        select {{ columns }} from {{ arrived }}
    {% endcall %}
    {% do persist_constraints(next, model) %}
    {% do run_query('drop table ' ~ relation) %}
    {% do run_query('alter table ' ~ next ~ ' rename to ' ~ relation) %}
{% endmacro %}
