{# Contracts and sources write DuckDB's name for text, which Spark takes only with a length. #}
{% macro spark_type(data_type) -%}
    {{ return('string' if data_type | lower == 'varchar' else data_type) }}
{%- endmacro %}

{% macro spark__get_empty_schema_sql(columns) -%}
    select
    {%- for column in columns.values() %}
        cast(null as {{ spark_type(column.data_type) }}) as {{ column.name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# Whatever the server's default is: the models' incremental forms are written for Parquet. #}
{% macro spark__file_format_clause() -%}
    using parquet
{%- endmacro %}

{# Parquet tables enforce nothing, so a contract's not_null is looked for when the table is made. #}
{% macro spark__persist_constraints(relation, model) %}
    {% set names = [] %}
    {% for column in model.columns.values() if column.constraints | selectattr('type', 'equalto', 'not_null') | list %}
        {% do names.append(column.name) %}
    {% endfor %}
    {% if names and model.config.contract.enforced %}
        {% set nulls = run_query(
            "select " ~ names | join(", ") ~ " from " ~ relation
            ~ " where " ~ names | join(' is null or ') ~ " is null limit 1"
        ) %}
        {% if nulls.rows %}
            {{ exceptions.raise_compiler_error(relation ~ ' has a null in one of its not_null columns ' ~ names | join(', ') ~ '.') }}
        {% endif %}
    {% endif %}
{% endmacro %}

{# dbt-spark's own form writes the text None for an empty cell, and breaks at a quote. #}
{% macro spark__load_csv_rows(model, agate_table) %}
    {% set types = model['config'].get('column_types', {}) %}
    {% for chunk in agate_table.rows | batch(1000) %}
        {% set sql %}
            insert into {{ this }} values
            {%- for row in chunk %}
            ({%- for name in agate_table.column_names %}
                {%- set value = row[name] -%}
                cast(
                    {%- if value is none %}null{% else %}'{{ value | string | replace('\\', '\\\\') | replace("'", "\\'") }}'{% endif %}
                    as {{ types.get(name, adapter.convert_type(agate_table, loop.index0)) }}
                ){{ ', ' if not loop.last }}
            {%- endfor %}){{ ',' if not loop.last }}
            {%- endfor %}
        {% endset %}
        {% do adapter.add_query(sql, abridge_sql_log=True) %}
    {% endfor %}
    {{ return('insert into ' ~ this) }}
{% endmacro %}
