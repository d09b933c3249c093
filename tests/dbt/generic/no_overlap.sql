{# Half-open periods [from, to) of one key do not overlap; an empty end is open. #}
{% test no_overlap(model, key, from, to) %}
    with periods as (
        select
            {{ key | join(', ') }},
            {{ from }},
            {{ to }},
            lead({{ from }}) over (partition by {{ key | join(', ') }} order by {{ from }} nulls first) as next_from,
            row_number() over (partition by {{ key | join(', ') }} order by {{ from }} nulls first) as position,
            count(*) over (partition by {{ key | join(', ') }}) as period_count
        from {{ model }}
    )

    select *
    from periods
    where position < period_count
        and ({{ to }} is null or next_from is null or {{ to }} > next_from)
{% endtest %}
