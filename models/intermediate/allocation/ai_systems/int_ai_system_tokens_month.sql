{{ config(materialized='table') }}

-- By month, as bills are as often of a month as of a day.
with calls as (

    select
        {{ month_of('usage_date') }} as usage_month,
        team_id,
        service_provider_name,
        ai_model_id,
        is_billed_directly,
        ai_system_id,
        {{ sum_token_columns() }}
    from {{ ref('int_ai_system_calls') }}
    group by {{ month_of('usage_date') }}, team_id, service_provider_name, ai_model_id, is_billed_directly, ai_system_id

),

measured as (

    {% for token_class in token_classes() %}
    select
        usage_month,
        team_id,
        service_provider_name,
        ai_model_id,
        {{ billed_class("'" ~ token_class ~ "'") }} as token_class,
        is_billed_directly,
        ai_system_id,
        {{ token_class }}_tokens as tokens
    from calls
    where {{ token_class }}_tokens > 0
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        usage_month,
        team_id,
        service_provider_name,
        ai_model_id,
        token_class,
        is_billed_directly,
        ai_system_id,
        cast(sum(tokens) as bigint) as tokens
    from measured
    group by usage_month, team_id, service_provider_name, ai_model_id, token_class, is_billed_directly, ai_system_id

)

select * from final
