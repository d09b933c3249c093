{# Half-open periods [from, to) of one key follow each other without a gap. #}
{% test no_gap(model, key, from, to) %}
    with periods as (
        select
            {{ key | join(', ') }},
            {{ from }},
            {{ to }},
            lead({{ from }}) over (partition by {{ key | join(', ') }} order by {{ from }} nulls first) as next_from
        from {{ model }}
    )

    select *
    from periods
    where next_from is not null and {{ to }} < next_from
{% endtest %}
