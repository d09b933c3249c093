{# The lake on DuckDB: views over explicit lists of files; see macros/lake/register_lake.sql. #}
{% macro duckdb__register_lake() %}
    {% do run_query("create schema if not exists bursar_state") %}
    {% do run_query("create table if not exists bursar_state.built_loads (source_name varchar, load_id varchar)") %}
    {% do run_query(duckdb__lake_files_sql()) %}
    {% do run_query(duckdb__lake_new_loads_sql()) %}
    {% for node in lake_nodes() %}
        {% do run_query("create schema if not exists " ~ node.schema) %}
        {% do run_query(duckdb__lake_view_sql(node)) %}
    {% endfor %}
{% endmacro %}

{% macro duckdb__lake_files_sql() %}
    {% set columns = "source_name varchar, table_name varchar, path varchar, load_date varchar, load_id varchar, is_compacted boolean" %}
    {% set path = var('lake_manifest') | replace("'", "''") %}
    {% set found = run_query("select count(*) from glob('" ~ path ~ "')").columns[0].values()[0] %}
    create or replace table bursar_state.lake_files as
    {% if found %}
        select *
        from read_json(
            '{{ path }}', format = 'newline_delimited',
            columns = {
                'source_name': 'varchar', 'table_name': 'varchar', 'path': 'varchar',
                'load_date': 'varchar', 'load_id': 'varchar', 'is_compacted': 'boolean'
            }
        )
    {% else %}
        select {% for column in columns.split(', ') %}
            cast(null as {{ column.split(' ')[1] }}) as {{ column.split(' ')[0] }}{{ ',' if not loop.last }}
        {% endfor %} where false
    {% endif %}
{% endmacro %}

{% macro duckdb__lake_new_loads_sql() %}
    create or replace table bursar_state.new_loads as
    select distinct lake_files.source_name, lake_files.load_id
    from bursar_state.lake_files
    {% if not flags.FULL_REFRESH %}
        left join bursar_state.built_loads
            on built_loads.source_name = lake_files.source_name
            and built_loads.load_id = lake_files.load_id
        where built_loads.load_id is null
    {% endif %}
{% endmacro %}

{# `lake` is the bookkeeping that every source has: its relations show all sources together. #}
{% macro duckdb__lake_view_sql(node) %}
    {% set reads = lake_meta(node, 'reads', 'new') %}
    {% set every_source = node.source_name == 'lake' %}
    {% set of_source = "true" if every_source else "source_name = '" ~ node.source_name ~ "'" %}
    {% set lake_table = lake_meta(node, 'table', node.identifier) %}
    {% set wanted = "table_name = '" ~ lake_table ~ "' and " ~ of_source %}
    {% if reads == 'new' %}
        {% set wanted = wanted ~ " and (source_name, load_id) in (select (source_name, load_id) from bursar_state.new_loads)" %}
    {% endif %}
    {% set paths = run_query("select distinct path from bursar_state.lake_files where " ~ wanted ~ " order by path").columns[0].values() %}
    create or replace view {{ node.schema }}.{{ node.identifier }} as
    with files as (
        select {% for column in node.columns.values() %}
            cast(null as {{ column.data_type }}) as {{ column.name }},
        {%- endfor %}
            cast(null as varchar) as filename,
            cast(null as varchar) as _compacted_load_id
        where false
        {% if paths %}
        union all by name
        select *
        from read_parquet(
            [{% for path in paths %}'{{ path | replace("'", "''") }}'{{ ', ' if not loop.last }}{% endfor %}],
            union_by_name = true, filename = true, hive_partitioning = false
        )
        {% endif %}
    ),

    loaded as (
        select {% for column in node.columns.values() if column.name not in ('_dlt_load_id', 'source_name') %}
            cast({{ column.name }} as {{ column.data_type }}) as {{ column.name }},
        {%- endfor %}
        {% if every_source %}
            {# Greedy: a folder above the lake may have such a name too. #}
            regexp_extract(filename, '^.*/raw_([^/]+)/', 1) as source_name,
        {% endif %}
            coalesce(
                _compacted_load_id,
                regexp_extract(filename, '/([0-9]+[.][0-9]+)[.][^/.]+[.]parquet$', 1)
            ) as _dlt_load_id
        from files
    )

    select *
    from loaded
    {% if reads == 'new' %}
    where _dlt_load_id in (select load_id from bursar_state.new_loads where {{ of_source }})
    {% elif reads == 'current' %}
    where (load_unit_id, _dlt_load_id) in (
        select (load_unit_id, max(_dlt_load_id))
        from raw_lake.load_units
        where {{ of_source }}{{ up_to_price_version(node) }}
        group by load_unit_id
    )
    {% elif reads == 'priced' %}
    where true{{ up_to_price_version(node) }}
    {% endif %}
{% endmacro %}
