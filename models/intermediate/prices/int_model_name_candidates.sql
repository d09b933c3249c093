{#
    The spellings under which a name is looked up, best first: as sent, then with `-20251211` written
    as `-2025-12-11` (gateways do that), then both without the prefix that names the provider again.
#}
{% set compact_date = "'-20[0-9][0-9](0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])(-|:|$)'" %}

with model_names as (
    select * from {{ ref('int_model_names') }}
),

overrides as (
    select * from {{ ref('int_price_overrides') }}
),

service_providers as (
    select * from {{ ref('service_providers') }}
),

names as (
    select service_provider_name, model_name from model_names
    union
    select service_provider_name, model_name from overrides
),

named as (
    select * from names
    where service_provider_name is not null and model_name <> ''
),

prefixes as (
    select service_provider_name, provider_ref || '/' as prefix from service_providers
    union
    select distinct service_provider_name, 'models/' as prefix from named
    union
    select distinct service_provider_name, 'publishers/google/models/' as prefix from named
    union
    select distinct service_provider_name, 'publishers/anthropic/models/' as prefix from named
),

spellings as (
    select
        named.service_provider_name,
        named.model_name,
        lower(named.model_name) as candidate,
        0 as candidate_rank
    from named
    union all
    select
        named.service_provider_name,
        named.model_name,
        substr(lower(named.model_name), length(prefixes.prefix) + 1) as candidate,
        2 as candidate_rank
    from named
    inner join prefixes
        on named.service_provider_name = prefixes.service_provider_name
        and left(lower(named.model_name), length(prefixes.prefix)) = prefixes.prefix
),

dated as (
    select
        *,
        substr(regexp_extract(candidate, {{ compact_date }}, 0), 2, 8) as compact_date
    from spellings
),

dashed as (
    select
        *,
        substr(compact_date, 1, 4)
        || '-' || substr(compact_date, 5, 2)
        || '-' || substr(compact_date, 7, 2) as dashed_date
    from dated
    where compact_date <> ''
),

final as (
    select service_provider_name, model_name, candidate, candidate_rank
    from spellings
    union all
    select
        service_provider_name,
        model_name,
        replace(candidate, '-' || compact_date, '-' || dashed_date) as candidate,
        candidate_rank + 1 as candidate_rank
    from dashed
    where try_cast(dashed_date as date) is not null
)

select * from final
