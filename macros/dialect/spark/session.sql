{#
    What a Spark session must be like for the numbers to be DuckDB's; profiles.yml asks for it. The
    run refuses a server that answers otherwise, instead of losing digits without a word.
#}
{% macro spark_required_settings() %}
    {{ return({
        'spark.sql.ansi.enabled': 'true',
        'spark.sql.ansi.doubleQuotedIdentifiers': 'true',
        'spark.sql.decimalOperations.allowPrecisionLoss': 'false',
        'spark.sql.session.timeZone': 'UTC',
        'spark.sql.sources.partitionOverwriteMode': 'dynamic',
    }) }}
{% endmacro %}

{% macro spark_check_session() %}
    {# dbt-spark switches ANSI mode off before every statement of its sessions, whatever the profile
       says, and without it an overflow is a wrong number. The sessions share this mapping. #}
    {% set connection, _ = adapter.add_query('select 1') %}
    {% do connection.credentials.server_side_parameters.update({'spark.sql.ansi.enabled': 'true'}) %}
    {% set wrong = [] %}
    {% for name, wanted in spark_required_settings().items() %}
        {% set found = run_query('set ' ~ name).rows[0][1] | string %}
        {% if found | lower != wanted | lower %}
            {% do wrong.append(name ~ '=' ~ wanted ~ ' (is ' ~ found ~ ')') %}
        {% endif %}
    {% endfor %}
    {% set version = run_query('select version()').rows[0][0] %}
    {% if version.split('.')[0] | int < 4 %}
        {% do wrong.append('Spark 4.0 or later (is ' ~ version.split(' ')[0] ~ ')') %}
    {% endif %}
    {% if wrong %}
        {{ exceptions.raise_compiler_error('The Spark server does not take the settings that exact money needs: set ' ~ wrong | join(', ') ~ ' on the server.') }}
    {% endif %}
{% endmacro %}

{#
    A Spark table of plain Parquet is not replaced in one transaction: a run that was killed may have
    left days half written. It leaves this mark too, and only a full build takes it away.
#}
{% macro spark_open_run() %}
    {% if flags.WHICH in ('build', 'run') %}
        {% set marks = run_query("show tables in bursar_state like 'unfinished_run'").rows %}
        {% if marks and not flags.FULL_REFRESH %}
            {{ exceptions.raise_compiler_error('The last build on this Spark catalog was killed half-way: build again with --full-refresh (bursar build does it by itself).') }}
        {% endif %}
        {% if not marks %}
            {% do run_query("create table bursar_state.unfinished_run (started_at timestamp) using parquet") %}
        {% endif %}
    {% endif %}
{% endmacro %}

{% macro spark__close_lake() %}
    {% if flags.WHICH in ('build', 'run') %}
        {% do run_query("drop table if exists bursar_state.unfinished_run") %}
    {% endif %}
{% endmacro %}
