{#
    Every rule holds on every row; unknown counts as false. A row that breaks any is returned with the
    names of those it breaks. One query for all of them: each test of dbt's own costs dbt some tens
    of milliseconds, however few rows it asks about. `rules` are expressions by name, `given` columns that are never null, `one_of` the
    words that a column may have where it is not null.
#}
{% test holds(model, rules={}, given=[], one_of={}) %}
    {% set all_rules = {} %}
    {% for column in given %}
        {% do all_rules.update({column ~ ' is given': column ~ ' is not null'}) %}
    {% endfor %}
    {% for column, words in one_of.items() %}
        {% set listed = column ~ " in ('" ~ words | join("', '") ~ "')" %}
        {% do all_rules.update({column ~ ' is a known word': column ~ ' is null or ' ~ listed}) %}
    {% endfor %}
    {% do all_rules.update(rules) %}
    {% if execute and not all_rules %}
        {{ exceptions.raise_compiler_error('A test that holds nothing cannot fail: give it rules, given or one_of.') }}
    {% endif %}
    select
        {% for name, expression in all_rules.items() %}
        case when coalesce({{ expression }}, false) then '' else '{{ name }}. ' end
        {{- ' ||' if not loop.last }}
        {% endfor %}
        as broken_rules,
        rows_held.*
    from {{ model }} as rows_held
    where
        {% for expression in all_rules.values() %}
        not coalesce({{ expression }}, false) {{ 'or' if not loop.last }}
        {% endfor %}
{% endtest %}
