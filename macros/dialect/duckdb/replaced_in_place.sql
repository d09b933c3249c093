{#
    Views and tables are replaced in place, in one transaction: nobody reads the build's file meanwhile. dbt's own way makes
    each beside the old one and renames both, which costs a tenth of a build.
#}
{% macro replaced_in_place(target_relation, create_sql) %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {{ drop_relation_if_exists(load_cached_relation(this)) }}
    {% call statement('main') -%}
        {{ create_sql }}
    {%- endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmacro %}

{% materialization view, adapter='duckdb' %}
    {% set target_relation = this.incorporate(type='view') %}
    {{ return(replaced_in_place(target_relation, get_create_view_as_sql(target_relation, sql))) }}
{% endmaterialization %}

{% materialization table, adapter='duckdb' %}
    {% set target_relation = this.incorporate(type='table') %}
    {{ return(replaced_in_place(target_relation, get_create_table_as_sql(False, target_relation, sql))) }}
{% endmaterialization %}
