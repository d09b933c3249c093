{{ config(materialized='table') }}

with candidates as (
    select * from {{ ref('int_model_name_candidates') }}
),

map_prices as (
    select * from {{ ref('int_map_prices') }}
),

map_keys as (
    select service_provider_name, map_key, model_name, region_id, region_id as price_region_id
    from map_prices
    union
    -- Without a region Azure deploys globally: where the map has such a row, that is the default.
    select service_provider_name, map_key, model_name, '' as region_id, region_id as price_region_id
    from map_prices
    where service_provider_name = 'Microsoft' and region_id like 'global%'
),

ranked as (
    select
        candidates.service_provider_name,
        candidates.model_name,
        map_keys.region_id,
        map_keys.map_key,
        map_keys.price_region_id,
        row_number() over (
            partition by candidates.service_provider_name, candidates.model_name, map_keys.region_id
            order by
                candidates.candidate_rank,
                case when map_keys.price_region_id <> map_keys.region_id then 0 else 1 end,
                case when candidates.candidate = lower(map_keys.map_key) then 0 else 1 end,
                length(map_keys.map_key),
                map_keys.map_key
        ) as place
    from candidates
    inner join map_keys
        on candidates.service_provider_name = map_keys.service_provider_name
        and candidates.candidate in (lower(map_keys.map_key), map_keys.model_name)
),

final as (
    select
        service_provider_name,
        model_name,
        region_id,
        map_key,
        price_region_id
    from ranked
    where place = 1
)

select * from final
