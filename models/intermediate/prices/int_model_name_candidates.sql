{{ config(materialized='table') }}

{#
    The spellings under which a name is looked up, best first: as sent, then with `-20251211` written
    as `-2025-12-11` (gateways do that), then both without the prefix that names the provider again, and
    last without any date. A cloud's name of a resource, or a gateway's of an interface, ends with the model's own
    (an application's profile, a deployment or a rented unit does not say its model). A fine-tuned model (`ft:base:organisation::id`) is looked up as `ft:base` too.
#}
{% set resource = "'(^|/)(arn:[^/]*:(foundation-model|inference-profile)|publishers/[^/]+/models|converse|invoke)/(.+)$'" %}
{% set compact_date = "'-20[0-9][0-9](0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])(-|:|$)'" %}
{% set any_date = "'([-@]20[0-9][0-9]-?(0[1-9]|1[0-2])-?(0[1-9]|[12][0-9]|3[01]))(-|:|$)'" %}

with targets as (
    select * from {{ ref('int_name_targets') }}
),

service_providers as (
    select * from {{ ref('service_providers') }}
),

-- Both what occurs and what it stands for: an alias that has ended leaves the name by itself.
named as (
    select service_provider_name, model_name from targets
    union
    select service_provider_name, target_name as model_name from targets
),

prefixes as (
    select service_provider_name, provider_ref || '/' as prefix from service_providers
),

written as (
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
    union all
    select
        service_provider_name,
        model_name,
        regexp_extract(lower(model_name), {{ resource }}, 4) as candidate,
        2 as candidate_rank
    from named
    where regexp_extract(lower(model_name), {{ resource }}, 4) <> ''
),

spellings as (
    select * from written
    union all
    select
        service_provider_name,
        model_name,
        regexp_extract(candidate, '^(ft:[^:]+):', 1) as candidate,
        candidate_rank + 8 as candidate_rank
    from written
    where candidate like 'ft:%:%'
),

dated as (
    select
        *,
        substr(regexp_extract(candidate, {{ compact_date }}, 0), 2, 8) as compact_date,
        regexp_extract(candidate, {{ any_date }}, 1) as any_date
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
    union all
    select
        service_provider_name,
        model_name,
        replace(candidate, any_date, '') as candidate,
        candidate_rank + 4 as candidate_rank
    from dated
    where any_date <> ''
)

select * from final
