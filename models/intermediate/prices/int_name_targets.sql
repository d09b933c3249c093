{{ config(materialized='table') }}

with model_names as (
    select distinct service_provider_name, model_name from {{ ref('int_model_names') }}
),

overrides as (
    select * from {{ ref('int_price_overrides') }}
),

aliases as (
    select * from {{ ref('int_model_aliases') }}
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

matched as (
    select
        named.service_provider_name,
        named.model_name,
        case
            when aliases.is_prefix
                then replace(aliases.stands_for, '*', substr(named.model_name, length(aliases.alias) + 1))
            else aliases.stands_for
        end as target_name,
        aliases.valid_from,
        aliases.valid_to,
        -- A whole name before a prefix, a long prefix before a short one.
        dense_rank() over (
            partition by named.service_provider_name, named.model_name
            order by aliases.is_prefix, length(aliases.alias) desc
        ) as preference
    from named
    inner join aliases
        on named.service_provider_name = aliases.service_provider_name
        and (
            (not aliases.is_prefix and lower(named.model_name) = aliases.alias)
            or (aliases.is_prefix and left(lower(named.model_name), length(aliases.alias)) = aliases.alias)
        )
),

periods as (
    select
        service_provider_name,
        model_name,
        target_name,
        valid_from,
        valid_to,
        lead(valid_from, 1, cast('9999-12-31' as date)) over (
            partition by service_provider_name, model_name order by valid_from
        ) as next_from,
        row_number() over (
            partition by service_provider_name, model_name order by valid_from
        ) as position
    from matched
    where preference = 1
),

-- Before, between and after its aliases a name stands for itself.
final as (
    select
        service_provider_name,
        model_name,
        target_name,
        true as is_alias,
        valid_from,
        valid_to
    from periods
    union all
    select
        service_provider_name,
        model_name,
        model_name as target_name,
        false as is_alias,
        valid_to as valid_from,
        next_from as valid_to
    from periods
    where valid_to < next_from
    union all
    select
        service_provider_name,
        model_name,
        model_name as target_name,
        false as is_alias,
        cast('1970-01-01' as date) as valid_from,
        valid_from as valid_to
    from periods
    where position = 1 and valid_from > cast('1970-01-01' as date)
    union all
    select
        named.service_provider_name,
        named.model_name,
        named.model_name as target_name,
        false as is_alias,
        cast('1970-01-01' as date) as valid_from,
        cast('9999-12-31' as date) as valid_to
    from named
    anti join periods
        on named.service_provider_name = periods.service_provider_name
        and named.model_name = periods.model_name
)

select * from final
