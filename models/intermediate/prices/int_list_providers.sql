with model_matches as (
    select * from {{ ref('stg_genai_prices__model_matches') }}
),

service_providers as (
    select * from {{ ref('service_providers') }}
),

named as (
    select distinct genai_provider_id, service_provider_name
    from service_providers
    where genai_provider_id is not null
),

final as (
    select
        model_matches.provider_id,
        coalesce(named.service_provider_name, model_matches.provider_name) as service_provider_name,
        model_matches.provider_name,
        model_matches.provider_rank
    from model_matches
    left join named
        on model_matches.provider_id = named.genai_provider_id
    where model_matches.match_target = 'provider_id'
)

select * from final
