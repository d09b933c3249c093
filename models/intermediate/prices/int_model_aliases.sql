with own_aliases as (
    select * from {{ ref('stg_org__price_aliases') }}
),

known_aliases as (
    select * from {{ ref('model_aliases') }}
),

own as (
    select
        service_provider_name,
        lower(alias) as alias,
        stands_for,
        valid_from,
        valid_to,
        'organisation' as alias_source
    from own_aliases
),

-- What the organisation says of a name counts for all time.
known as (
    select
        known_aliases.service_provider_name,
        known_aliases.alias,
        known_aliases.stands_for,
        known_aliases.valid_from,
        known_aliases.valid_to,
        'provider' as alias_source
    from known_aliases
    anti join own
        on known_aliases.service_provider_name = own.service_provider_name
        and known_aliases.alias = own.alias
),

aliases as (
    select * from own
    union all
    select * from known
),

final as (
    select
        service_provider_name,
        case when right(alias, 1) = '*' then left(alias, length(alias) - 1) else alias end as alias,
        right(alias, 1) = '*' as is_prefix,
        stands_for,
        coalesce(valid_from, cast('1970-01-01' as date)) as valid_from,
        coalesce(valid_to, cast('9999-12-31' as date)) as valid_to,
        alias_source
    from aliases
)

select * from final
