with versions as (
    select * from {{ ref('int_price_versions') }}
),

final as (
    select
        cast(price_version as bigint) as price_version,
        source_name,
        what_changed,
        cast(loaded_at as timestamp) as loaded_at
    from versions
)

select * from final
