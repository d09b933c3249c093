{# At least this share of the rows fulfils the expression; no rows, nothing to say. #}
{% test share_at_least(model, expression, ratio) %}
    select
        count(*) as row_count,
        sum(case when {{ expression }} then 1 else 0 end) as fulfilling_count
    from {{ model }}
    having count(*) > 0
        and sum(case when {{ expression }} then 1 else 0 end) < {{ ratio }} * count(*)
{% endtest %}
