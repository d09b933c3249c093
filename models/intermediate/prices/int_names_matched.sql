{{ config(materialized='table') }}

{% set any_date = "'[-@]20[0-9][0-9]-?(0[1-9]|1[0-2])-?(0[1-9]|[12][0-9]|3[01])'" %}

with candidates as (
    select * from {{ ref('int_model_name_candidates') }}
),

model_matches as (
    select * from {{ ref('stg_genai_prices__model_matches') }}
),

provider_words as (
    select * from {{ ref('int_provider_words_resolved') }}
),

overrides as (
    select * from {{ ref('int_price_overrides') }}
),

-- A provider that sells another's models takes that one's prices where it has none of its own.
price_providers as (
    select service_provider_name, provider_id, provider_id as price_provider_id, 0 as provider_step
    from provider_words
    union all
    select
        provider_words.service_provider_name,
        provider_words.provider_id,
        model_matches.match_value as price_provider_id,
        model_matches.clause_group + 1 as provider_step
    from provider_words
    inner join model_matches
        on provider_words.provider_id = model_matches.provider_id
        and model_matches.match_target = 'fallback'
),

matched_clauses as (
    select
        candidates.service_provider_name,
        candidates.model_name,
        candidates.candidate,
        candidates.candidate_rank,
        price_providers.provider_step,
        model_matches.provider_id as price_provider_id,
        model_matches.model_id as price_model_id,
        model_matches.model_rank,
        model_matches.clause_group,
        model_matches.clause_count
    from candidates
    inner join price_providers
        on candidates.service_provider_name = price_providers.service_provider_name
    inner join model_matches
        on price_providers.price_provider_id = model_matches.provider_id
        and model_matches.match_target = 'model'
        and {{ clause_holds('model_matches', 'candidates.candidate') }}
    -- The list's own rules know which dates a name may have.
    where candidates.candidate_rank < 4
),

-- A rule holds where all clauses of one of its groups do.
matched_models as (
    select
        service_provider_name,
        model_name,
        candidate_rank,
        provider_step,
        price_provider_id,
        price_model_id,
        model_rank
    from matched_clauses
    group by
        service_provider_name,
        model_name,
        candidate,
        candidate_rank,
        provider_step,
        price_provider_id,
        price_model_id,
        model_rank,
        clause_group
    having count(*) = max(clause_count)
),

-- The organisation's files may name a model by our own id; and some of the list's ids fit no rule of it.
own_ids as (
    select distinct
        candidates.service_provider_name,
        candidates.model_name,
        10 as candidate_rank,
        price_providers.provider_step,
        model_matches.provider_id as price_provider_id,
        model_matches.model_id as price_model_id,
        model_matches.model_rank
    from candidates
    inner join price_providers
        on candidates.service_provider_name = price_providers.service_provider_name
    inner join model_matches
        on price_providers.price_provider_id = model_matches.provider_id
        and model_matches.match_target = 'model'
        and (
            candidates.candidate = {{ ai_model_id('model_matches.provider_id', 'model_matches.model_id') }}
            or (candidates.candidate = lower(model_matches.model_id) and price_providers.provider_step = 0)
        )
),

all_matches as (
    select * from matched_models
    union all
    select * from own_ids
),

ranked as (
    select
        *,
        row_number() over (
            partition by service_provider_name, model_name
            order by candidate_rank, provider_step, model_rank
        ) as place
    from all_matches
),

-- The second book has keys, not rules: the key itself, else the key without its provider.
map_keys as (
    select distinct service_provider_name, map_key, model_name from {{ ref('int_map_prices') }}
),

map_matches as (
    select
        candidates.service_provider_name,
        candidates.model_name,
        candidates.candidate_rank
    from candidates
    inner join map_keys
        on candidates.service_provider_name = map_keys.service_provider_name
        and candidates.candidate in (lower(map_keys.map_key), map_keys.model_name)
),

map_names as (
    select service_provider_name, model_name, min(candidate_rank) as candidate_rank
    from map_matches
    group by service_provider_name, model_name
),

override_names as (
    select distinct service_provider_name, lower(model_name) as model_name from overrides
),

final as (
    select
        names.service_provider_name,
        names.model_name,
        case
            when ranked.price_model_id is not null
                then {{ ai_model_id('ranked.price_provider_id', 'ranked.price_model_id') }}
            -- Names that only the organisation knows, or nobody, stay apart under their own id.
            else {{ ai_model_id('lower(names.service_provider_name)', 'lower(names.model_name)') }}
        end as ai_model_id,
        ranked.price_provider_id,
        ranked.price_model_id,
        case
            when ranked.price_model_id is not null then 'list'
            when map_names.model_name is not null then 'second_list'
            when override_names.model_name is not null then 'override'
            else 'none'
        end as resolved_by,
        case
            when ranked.provider_step > 0 then 'host_mapped'
            when ranked.candidate_rank in (1, 3) then 'date_stripped'
            when ranked.price_model_id is not null
                then case
                        when regexp_extract(names.candidate, {{ any_date }}, 0) <> ''
                            and regexp_extract(lower(ranked.price_model_id), {{ any_date }}, 0) = ''
                            then 'date_stripped'
                        else 'exact'
                    end
            when map_names.candidate_rank in (0, 2, 8, 10) then 'exact'
            when map_names.candidate_rank is not null then 'date_stripped'
            when override_names.model_name is not null then 'override'
            else 'none'
        end as name_match,
        coalesce(ranked.provider_step > 0, false) as is_fallback_provider
    from candidates as names
    left join ranked
        on names.service_provider_name = ranked.service_provider_name
        and names.model_name = ranked.model_name
        and ranked.place = 1
    left join map_names
        on names.service_provider_name = map_names.service_provider_name
        and names.model_name = map_names.model_name
    left join override_names
        on names.service_provider_name = override_names.service_provider_name
        and lower(names.model_name) = override_names.model_name
    where names.candidate_rank = 0
)

select * from final
