{#
    The lake on Spark; see macros/lake/register_lake.sql. A view reads an external table over the
    lake table's folder, with declared columns, and names the readable files as literals: Spark then
    opens no other, so what a killed load or a compaction in progress has left there does not matter.
#}
{% macro spark__register_lake() %}
    {% do spark_check_session() %}
    {% do run_query("create schema if not exists bursar_state") %}
    {% do spark_open_run() %}
    {% do run_query("create table if not exists bursar_state.built_loads (source_name string, load_id string) using parquet") %}
    {% do spark_replace_table("bursar_state.lake_files", spark_lake_files_sql()) %}
    {% do spark_replace_table("bursar_state.new_loads", spark_new_loads_sql()) %}
    {% set files = spark_readable_files() %}
    {% for schema in lake_nodes() | map(attribute='schema') | unique %}
        {% do run_query("create schema if not exists " ~ schema) %}
    {% endfor %}
    {% for node in lake_nodes() | selectattr('source_name', 'equalto', 'lake') %}
        {% do spark_register_source(node, files) %}
    {% endfor %}
    {# Found once: the relations of current rows ask for it again and again. #}
    {% do spark_replace_table(
        "bursar_state.current_units",
        "select source_name, load_unit_id, max(_dlt_load_id) as _dlt_load_id"
        ~ " from raw_lake.load_units group by source_name, load_unit_id"
    ) %}
    {% for node in lake_nodes() | rejectattr('source_name', 'equalto', 'lake') %}
        {% do spark_register_source(node, files) %}
    {% endfor %}
{% endmacro %}

{# Plain Parquet tables cannot be replaced in place. #}
{% macro spark_replace_table(name, select_sql) %}
    {% do run_query("drop table if exists " ~ name) %}
    {% do run_query("create table " ~ name ~ " using parquet as " ~ select_sql) %}
{% endmacro %}

{# The list lies on the lake's own storage, where every executor can read it; none is an empty one. #}
{% macro spark_lake_files_sql() %}
    {% do run_query("drop table if exists bursar_state.lake_manifest") %}
    {% do run_query(
        "create table bursar_state.lake_manifest (source_name string, table_name string, path string,"
        ~ " load_date string, load_id string, is_compacted boolean)"
        ~ " using json location '" ~ var('spark_lake') ~ "/manifest'"
    ) %}
    select source_name, table_name, path, load_date, load_id, is_compacted
    from bursar_state.lake_manifest
{% endmacro %}

{% macro spark_new_loads_sql() %}
    select distinct lake_files.source_name, lake_files.load_id
    from bursar_state.lake_files
    {% if not flags.FULL_REFRESH %}
    left anti join bursar_state.built_loads
        on built_loads.source_name = lake_files.source_name
        and built_loads.load_id = lake_files.load_id
    {% endif %}
{% endmacro %}

{# Rows (source_name, table_name, file_name, is_new): a file is named once, however many loads it holds. #}
{% macro spark_readable_files() %}
    {% set found = run_query("
        select
            lake_files.source_name,
            lake_files.table_name,
            regexp_extract(lake_files.path, '([^/]+)$', 1) as file_name,
            max(new_loads.load_id is not null) as is_new
        from bursar_state.lake_files
        left join bursar_state.new_loads
            on lake_files.source_name = new_loads.source_name
            and lake_files.load_id = new_loads.load_id
        group by lake_files.source_name, lake_files.table_name, lake_files.path
        order by source_name, table_name, file_name
    ") %}
    {{ return(found.rows | list) }}
{% endmacro %}

{# `lake` is the bookkeeping that every source has: its relations show all sources together. #}
{% macro spark_register_source(node, files) %}
    {% set reads = lake_meta(node, 'reads', 'new') %}
    {% set lake_table = lake_meta(node, 'table', node.identifier) %}
    {% set every_source = node.source_name == 'lake' %}
    {% set wanted = {} %}
    {% for source_name, table_name, file_name, is_new in files %}
        {% if table_name == lake_table and (every_source or source_name == node.source_name)
            and (is_new or reads != 'new') %}
            {% do wanted.setdefault(source_name, []).append(file_name) %}
        {% endif %}
    {% endfor %}
    {% for source_name in wanted %}
        {% set table = node.schema ~ "." ~ node.identifier ~ "__" ~ source_name %}
        {% do run_query("drop table if exists " ~ table) %}
        {% do run_query(spark_files_table_sql(node, table, source_name, lake_table)) %}
    {% endfor %}
    {% do run_query(spark_lake_view_sql(node, reads, every_source, wanted)) %}
{% endmacro %}

{% macro spark_lake_columns(node) %}
    {{ return(node.columns.values() | rejectattr('name', 'in', ['_dlt_load_id', 'source_name']) | list) }}
{% endmacro %}

{% macro spark_files_table_sql(node, table, source_name, lake_table) %}
    create table {{ table }} (
        {%- for column in spark_lake_columns(node) %}
        {{ column.name }} {{ spark_type(column.data_type) }},
        {%- endfor %}
        _compacted_load_id string
    )
    using parquet
    options (recursiveFileLookup 'true')
    location '{{ var('spark_lake') }}/raw_{{ source_name }}/{{ lake_table }}'
{% endmacro %}

{% macro spark_lake_view_sql(node, reads, every_source, wanted) %}
    {% set columns = spark_lake_columns(node) %}
    create or replace view {{ node.schema }}.{{ node.identifier }} as
    with files as (
        {% for source_name, file_names in wanted.items() %}
        select {% for column in columns %}{{ column.name }}, {% endfor %}
            '{{ source_name }}' as source_name,
            _compacted_load_id,
            _metadata.file_name as _lake_file_name
        from {{ node.schema }}.{{ node.identifier }}__{{ source_name }}
        where _metadata.file_name in ('{{ file_names | join("', '") }}')
        {{ 'union all' if not loop.last }}
        {% else %}
        select {% for column in columns %}cast(null as {{ spark_type(column.data_type) }}) as {{ column.name }}, {% endfor %}
            cast(null as string) as source_name,
            cast(null as string) as _compacted_load_id,
            cast(null as string) as _lake_file_name
        where false
        {% endfor %}
    ),

    loaded as (
        select {% for column in columns %}{{ column.name }}, {% endfor %}
            {{ 'source_name,' if every_source }}
            coalesce(
                _compacted_load_id,
                regexp_extract(_lake_file_name, '^([0-9]+[.][0-9]+)[.][^.]+[.]parquet$', 1)
            ) as _dlt_load_id
        from files
    )

    select * from loaded
    {% if reads == 'new' and every_source %}
    where (source_name, _dlt_load_id) in (select source_name, load_id from bursar_state.new_loads)
    {% elif reads == 'new' %}
    where _dlt_load_id in (select load_id from bursar_state.new_loads where source_name = '{{ node.source_name }}')
    {% elif reads == 'priced' %}
    where true{{ up_to_price_version(node) }}
    {% elif reads == 'current' and up_to_price_version(node) %}
    where (load_unit_id, _dlt_load_id) in (
        select load_unit_id, max(_dlt_load_id)
        from raw_lake.load_units
        where source_name = '{{ node.source_name }}'{{ up_to_price_version(node) }}
        group by load_unit_id
    )
    {% elif reads == 'current' %}
    where (load_unit_id, _dlt_load_id) in (
        select load_unit_id, _dlt_load_id
        from bursar_state.current_units
        where source_name = '{{ node.source_name }}'
    )
    {% endif %}
{% endmacro %}
