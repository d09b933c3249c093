with model_matches as (
    select * from {{ ref('stg_genai_prices__model_matches') }}
),

providers as (
    select * from {{ ref('int_list_providers') }}
),

names as (
    select * from {{ ref('int_names_matched') }}
),

price_rows as (
    select * from {{ ref('int_price_rows') }}
),

name_prices as (
    select * from {{ ref('int_name_prices') }}
),

list_models as (
    select distinct
        {{ ai_model_id('model_matches.provider_id', 'model_matches.model_id') }} as ai_model_id,
        coalesce(model_matches.model_name, model_matches.model_id) as ai_model_name,
        providers.service_provider_name
    from model_matches
    inner join providers
        on model_matches.provider_id = providers.provider_id
    where model_matches.match_target = 'model'
),

-- Models that only the second book or the organisation's own prices know, or nobody.
own_models as (
    select
        names.ai_model_id,
        min(names.model_name) as ai_model_name,
        min(names.service_provider_name) as service_provider_name
    from names
    anti join list_models
        on names.ai_model_id = list_models.ai_model_id
    where names.resolved_by <> 'list'
    group by names.ai_model_id
),

special_models as (
    select
        'unknown' as ai_model_id,
        'Unknown model' as ai_model_name,
        cast(null as string) as service_provider_name
    union all
    select
        'none' as ai_model_id,
        'No model' as ai_model_name,
        cast(null as string) as service_provider_name
),

models as (
    select ai_model_id, ai_model_name, service_provider_name from list_models
    union all
    select ai_model_id, ai_model_name, service_provider_name from own_models
    union all
    select ai_model_id, ai_model_name, service_provider_name from special_models
),

priced as (
    select
        price_model as ai_model_id,
        min(valid_from) as first_price_date,
        max(valid_from) as last_price_change_date
    from price_rows
    where price_book = 'genai_prices' and unit_price_per_token is not null
    group by price_model
),

-- By the second book or by overrides: as the names that occur are priced.
own_priced as (
    select
        ai_model_id,
        min(valid_from) as first_price_date,
        max(valid_from) as last_price_change_date
    from name_prices
    group by ai_model_id
),

final as (
    select
        models.ai_model_id,
        models.ai_model_name,
        models.service_provider_name,
        coalesce(priced.ai_model_id, own_priced.ai_model_id) is not null as is_priced,
        coalesce(priced.first_price_date, own_priced.first_price_date) as first_price_date,
        coalesce(priced.last_price_change_date, own_priced.last_price_change_date)
            as last_price_change_date
    from models
    left join priced
        on models.ai_model_id = priced.ai_model_id
    left join own_priced
        on models.ai_model_id = own_priced.ai_model_id
)

select * from final
