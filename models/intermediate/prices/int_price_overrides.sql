{% set range_pattern = "'^([0-9]+[km]?)-([0-9]+[km]?)$'" %}

with overrides as (
    select * from {{ ref('stg_org__price_overrides') }}
),

cleaned as (
    select
        *,
        lower(replace(coalesce(context_tier, ''), ' ', '')) as context_range
    from overrides
),

bounded as (
    select
        *,
        regexp_extract(context_range, {{ range_pattern }}, 1) as lower_bound,
        regexp_extract(context_range, {{ range_pattern }}, 2) as upper_bound
    from cleaned
),

final as (
    select
        service_provider_name,
        model_name,
        token_class,
        coalesce(nullif(service_tier, ''), 'standard') as service_tier,
        -- The provider's `200k-1M` begins above 200,000 tokens and includes its upper end.
        case
            when context_range = '' or lower_bound in ('0', '0k', '0m') then 0
            when lower_bound <> '' then {{ tokens_above('lower_bound') }}
        end as context_tier_start,
        case when upper_bound <> '' then {{ tokens_above('upper_bound') }} end
            as context_tier_end,
        unit_price_per_million,
        currency,
        coalesce(cast(valid_from as date), cast('1970-01-01' as date)) as valid_from,
        cast(valid_to as date) as valid_to,
        context_range = '' or lower_bound <> '' as is_context_tier_known
    from bounded
)

select * from final
