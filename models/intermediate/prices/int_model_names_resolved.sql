{{ config(materialized='table') }}

with targets as (
    select * from {{ ref('int_name_targets') }}
),

matched as (
    select * from {{ ref('int_names_matched') }}
),

-- One model a name: that of its newest period. What a redirected name cost before is in its rates.
newest as (
    select
        *,
        row_number() over (
            partition by service_provider_name, model_name order by valid_from desc
        ) as place
    from targets
),

final as (
    select
        newest.service_provider_name,
        newest.model_name,
        matched.ai_model_id,
        matched.price_provider_id,
        matched.price_model_id,
        matched.resolved_by,
        case when newest.is_alias and matched.name_match <> 'none' then 'alias' else matched.name_match end
            as name_match,
        matched.is_fallback_provider
    from newest
    inner join matched
        on newest.service_provider_name = matched.service_provider_name
        and newest.target_name = matched.model_name
    where newest.place = 1
)

select * from final
