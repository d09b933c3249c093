{#
    Of these models those whose source was ever loaded: `bursar build` leaves the others' models out, each
    of which costs a build the same whether it holds anything or not. Without its word, all.
#}
{% macro models_of_loaded_sources(names) %}
    {% set loaded = env_var('BURSAR_SOURCES', '').split(',') %}
    {% set models = [] %}
    {% for name in names if loaded == [''] or name.split('__')[0].split('_', 1)[1] in loaded %}
        {% do models.append(ref(name)) %}
    {% endfor %}
    {{ return(models) }}
{% endmacro %}
