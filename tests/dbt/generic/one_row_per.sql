{# The columns are the grain: returns each key that stands more than once, and how often. #}
{% test one_row_per(model, columns) %}
    select {{ columns | join(', ') }}, count(*) as row_count
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}
