-- All of it, whoever it was for.
with usage_months as (

    select * from {{ ref('int_caller_usage_month') }}

),

final as (

    {% for token_class in token_classes() %}
    select
        usage_month,
        team_id,
        service_provider_name,
        ai_model_id,
        '{{ token_class }}' as token_class,
        cast(sum({{ token_class }}_tokens) as bigint) as tokens
    from usage_months
    group by usage_month, team_id, service_provider_name, ai_model_id
    having sum({{ token_class }}_tokens) > 0
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
