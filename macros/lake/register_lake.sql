{#
    Makes a typed relation raw_<source>.<table> of every declared source table, before a run.

    The list of readable files is written by `bursar build`. A table's `meta.reads` says which loads
    its relation shows: `new` (default) = loads that no finished build has taken in yet, or all with
    --full-refresh; `current` = the newest load of each load unit; `history` = every load;
    `priced` = every load up to the price version that the home is held at. `meta.is_priced` holds a `current` table to it too.
    A table of which nothing is loaded is empty and typed.
#}
{% macro register_lake() %}
    {% if execute and flags.WHICH in ('build', 'run', 'test', 'seed', 'snapshot', 'show', 'compile') %}
        {{ adapter.dispatch('register_lake')() }}
    {% endif %}
{% endmacro %}

{# After a run, also one in which a model failed; a run that was killed never comes here. #}
{% macro close_lake() %}
    {% if execute %}
        {{ adapter.dispatch('close_lake')() }}
    {% endif %}
{% endmacro %}

{% macro default__close_lake() %}
{% endmacro %}

{# The declared source tables, the bookkeeping first: it says what is current in the others. #}
{% macro lake_nodes() %}
    {% set sources = graph.sources.values() | selectattr('package_name', 'equalto', project_name) | list %}
    {{ return(
        sources | selectattr('source_name', 'equalto', 'lake') | list
        + sources | rejectattr('source_name', 'equalto', 'lake') | list
    ) }}
{% endmacro %}

{# The loads that a home held at a price version sees: BURSAR_PRICE_CUTOFF is that version's load. #}
{% macro up_to_price_version(node) %}
    {% set cutoff = env_var('BURSAR_PRICE_CUTOFF', '') | replace("'", "") %}
    {% if cutoff and (lake_meta(node, 'is_priced', false) or lake_meta(node, 'reads', 'new') == 'priced') %}
        {{ return(" and _dlt_load_id <= '" ~ cutoff ~ "'") }}
    {% endif %}
    {{ return("") }}
{% endmacro %}

{% macro lake_meta(node, name, default) %}
    {{ return(node.config.get('meta', {}).get(name) or node.meta.get(name, default)) }}
{% endmacro %}
