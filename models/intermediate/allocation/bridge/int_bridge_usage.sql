{{ config(materialized='table') }}

-- The tokens behind bills that state none: what the provider reports, and where no report speaks, what was metered.
with usage_by_team as (

    select * from {{ ref('int_usage_by_team') }}
    where measure <> 'requests'

),

unreported as (

    select * from {{ ref('int_metered_usage_unreported') }}
    where not is_of_requests
        and billing_account_id is not null

),

measured as (

    select
        usage_date, team_id, service_provider_name, billing_account_id, ai_model_id, measure, service_tier, context_tier_start,
        quantity
    from usage_by_team
    {% for token_class in token_classes() %}
    union all
    select
        usage_date, team_id, service_provider_name, billing_account_id, ai_model_id,
        {{ billed_class("'" ~ token_class ~ "'") }} as measure,
        service_tier, context_tier_start,
        {{ token_class }}_tokens as quantity
    from unreported
    where {{ token_class }}_tokens > 0
    {% endfor %}

),

final as (

    select
        {{ month_of('usage_date') }} as usage_month,
        team_id,
        service_provider_name,
        billing_account_id,
        ai_model_id,
        measure as token_class,
        coalesce(service_tier, 'standard') as service_tier,
        coalesce(context_tier_start, 0) as context_tier_start,
        cast(sum(quantity) as decimal(38, 12)) as quantity
    from measured
    group by
        {{ month_of('usage_date') }},
        team_id,
        service_provider_name,
        billing_account_id,
        ai_model_id,
        measure,
        coalesce(service_tier, 'standard'),
        coalesce(context_tier_start, 0)
    having sum(quantity) > 0

)

select * from final
