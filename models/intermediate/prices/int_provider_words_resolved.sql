{{ config(materialized='table') }}

with candidates as (
    select * from {{ ref('int_model_name_candidates') }}
),

service_providers as (
    select * from {{ ref('service_providers') }}
),

model_matches as (
    select * from {{ ref('stg_genai_prices__model_matches') }}
),

words as (
    select distinct
        service_provider_name,
        lower(trim(service_provider_name)) as word
    from candidates
),

-- Our own list of names first, then the package's ids, then its looser rules in its own order.
by_name as (
    select distinct
        words.service_provider_name,
        service_providers.genai_provider_id as provider_id,
        0 as preference,
        0 as provider_rank
    from words
    inner join service_providers
        on words.service_provider_name = service_providers.service_provider_name
    where service_providers.genai_provider_id is not null
),

by_rule as (
    select
        words.service_provider_name,
        model_matches.provider_id,
        case model_matches.match_target when 'provider_id' then 1 else 2 end as preference,
        model_matches.provider_rank
    from words
    inner join model_matches
        on model_matches.match_target in ('provider_id', 'provider')
        and {{ clause_holds('model_matches', 'words.word') }}
    -- A name of our list without an id (`OpenAI-compatible`) has no list price on purpose.
    left join service_providers
        on words.service_provider_name = service_providers.service_provider_name
    where service_providers.service_provider_name is null
    group by
        words.service_provider_name,
        model_matches.provider_id,
        model_matches.match_target,
        model_matches.provider_rank,
        model_matches.clause_group
    having count(*) = max(model_matches.clause_count)
),

found as (
    select * from by_name
    union all
    select * from by_rule
),

ranked as (
    select
        *,
        row_number() over (
            partition by service_provider_name order by preference, provider_rank
        ) as place
    from found
),

final as (
    select service_provider_name, provider_id
    from ranked
    where place = 1
)

select * from final
