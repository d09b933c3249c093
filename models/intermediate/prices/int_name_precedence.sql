{{ config(materialized='table') }}

with names as (
    select distinct service_provider_name, model_name, candidate
    from {{ ref('int_model_name_candidates') }}
    where candidate_rank < 4
),

rules as (
    select * from {{ ref('price_precedence') }}
),

ranked as (
    select
        names.service_provider_name,
        names.model_name,
        rules.rule_number,
        rules.preferred_book,
        rules.is_open,
        rules.valid_from,
        rules.valid_to,
        row_number() over (
            partition by names.service_provider_name, names.model_name order by rules.rule_number
        ) as place
    from names
    inner join rules
        on names.candidate like rules.model_pattern
        and coalesce(rules.service_provider_name, names.service_provider_name) = names.service_provider_name
),

final as (
    select
        service_provider_name,
        model_name,
        rule_number,
        preferred_book,
        is_open,
        coalesce(valid_from, cast('1970-01-01' as date)) as valid_from,
        coalesce(valid_to, cast('9999-12-31' as date)) as valid_to
    from ranked
    where place = 1
)

select * from final
