{#
    The sum of a measure equals its sum in another model, per the columns of `by`, both ways.
    A key that only one side has fails too, unless its sum is zero.
#}
{% test reconciles_to(model, to_model, measure, by, tolerance=0, to_measure=none) %}
    with here as (
        select {{ by | join(', ') }}, sum({{ measure }}) as here_total
        from {{ model }}
        group by {{ by | join(', ') }}
    ),

    there as (
        select {{ by | join(', ') }}, sum({{ to_measure or measure }}) as there_total
        from {{ to_model }}
        group by {{ by | join(', ') }}
    )

    select
        {% for column in by %}
        coalesce(here.{{ column }}, there.{{ column }}) as {{ column }},
        {% endfor %}
        here.here_total,
        there.there_total,
        coalesce(here.here_total, 0) - coalesce(there.there_total, 0) as difference
    from here
    full outer join there
        on {% for column in by %}here.{{ column }} is not distinct from there.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
    where abs(coalesce(here.here_total, 0) - coalesce(there.there_total, 0)) > {{ tolerance }}
{% endtest %}
