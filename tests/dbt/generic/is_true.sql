{# The expression holds on every row; unknown counts as false. #}
{% test is_true(model, expression) %}
    select *
    from {{ model }}
    where not coalesce({{ expression }}, false)
{% endtest %}
