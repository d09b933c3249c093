{{ config(materialized='table') }}

{# 1970-01-01 stands for "as far back as the list goes": the list gives its oldest price no date. #}
{% set beginning = "cast('1970-01-01' as date)" %}

with prices as (
    select * from {{ ref('stg_genai_prices__prices') }}
    where service_tier is not null
),

price_sets as (
    select distinct
        provider_id,
        model_id,
        service_tier,
        price_rank,
        minute_of_day_from,
        minute_of_day_to,
        valid_from
    from prices
),

tiers as (
    select distinct provider_id, model_id, service_tier from price_sets
),

-- A tier's prices rest on the ordinary ones, so both sets' dates and times are its boundaries.
tier_sets as (
    select
        tiers.service_tier as for_service_tier,
        price_sets.*
    from tiers
    inner join price_sets
        on tiers.provider_id = price_sets.provider_id
        and tiers.model_id = price_sets.model_id
        and price_sets.service_tier in ('standard', tiers.service_tier)
),

day_starts as (
    select provider_id, model_id, service_tier, {{ beginning }} as valid_from from tiers
    union
    select provider_id, model_id, for_service_tier as service_tier, valid_from
    from tier_sets
    where valid_from is not null
),

days as (
    select
        *,
        lead(valid_from) over (
            partition by provider_id, model_id, service_tier order by valid_from
        ) as valid_to
    from day_starts
),

minute_starts as (
    select provider_id, model_id, service_tier, 0 as minute_of_day_from from tiers
    union
    select provider_id, model_id, for_service_tier as service_tier, minute_of_day_from
    from tier_sets
    where minute_of_day_from is not null
    union
    select provider_id, model_id, for_service_tier as service_tier, minute_of_day_to
    from tier_sets
    where minute_of_day_to < 1440
),

minutes as (
    select
        *,
        lead(minute_of_day_from, 1, 1440) over (
            partition by provider_id, model_id, service_tier order by minute_of_day_from
        ) as minute_of_day_to
    from minute_starts
),

sets_in_force as (
    select
        days.provider_id,
        days.model_id,
        days.service_tier,
        days.valid_from,
        days.valid_to,
        minutes.minute_of_day_from,
        minutes.minute_of_day_to,
        tier_sets.service_tier as set_service_tier,
        tier_sets.price_rank
    from days
    inner join minutes
        on days.provider_id = minutes.provider_id
        and days.model_id = minutes.model_id
        and days.service_tier = minutes.service_tier
    inner join tier_sets
        on days.provider_id = tier_sets.provider_id
        and days.model_id = tier_sets.model_id
        and days.service_tier = tier_sets.for_service_tier
    where
        -- The first ordinary set holds where no other does, even before its own date.
        (tier_sets.service_tier = 'standard' and tier_sets.price_rank = 0)
        or (
            coalesce(tier_sets.valid_from, {{ beginning }}) <= days.valid_from
            and case
                when tier_sets.minute_of_day_from is null then true
                when tier_sets.minute_of_day_from <= tier_sets.minute_of_day_to
                    then minutes.minute_of_day_from >= tier_sets.minute_of_day_from
                        and minutes.minute_of_day_from < tier_sets.minute_of_day_to
                else minutes.minute_of_day_from >= tier_sets.minute_of_day_from
                    or minutes.minute_of_day_from < tier_sets.minute_of_day_to
            end
        )
),

ranked_sets as (
    select
        *,
        max(case when set_service_tier = 'standard' then price_rank end) over (
            partition by provider_id, model_id, service_tier, valid_from, minute_of_day_from
        ) as standard_price_rank,
        max(case when set_service_tier = service_tier then 1 else 0 end) over (
            partition by provider_id, model_id, service_tier, valid_from, minute_of_day_from
        ) as has_own_set
    from sets_in_force
),

-- Of ordinary sets the last one in force counts, whole; of a tier's sets the first that has the key.
candidates as (
    select
        ranked_sets.valid_from,
        ranked_sets.valid_to,
        ranked_sets.minute_of_day_from,
        ranked_sets.minute_of_day_to,
        ranked_sets.service_tier as for_service_tier,
        prices.provider_id,
        prices.model_id,
        prices.usage_key,
        prices.price_key,
        prices.token_class,
        prices.unit_size,
        prices.tier_start,
        prices.list_price,
        prices.source_version,
        rank() over (
            partition by
                prices.provider_id,
                prices.model_id,
                ranked_sets.service_tier,
                ranked_sets.valid_from,
                ranked_sets.minute_of_day_from,
                prices.price_key
            order by
                case when ranked_sets.set_service_tier = 'standard' then 1 else 0 end,
                ranked_sets.price_rank
        ) as preference
    from ranked_sets
    inner join prices
        on ranked_sets.provider_id = prices.provider_id
        and ranked_sets.model_id = prices.model_id
        and ranked_sets.set_service_tier = prices.service_tier
        and ranked_sets.price_rank = prices.price_rank
    where
        prices.price_key is not null
        and ranked_sets.has_own_set = 1
        and (
            ranked_sets.set_service_tier <> 'standard'
            or ranked_sets.price_rank = ranked_sets.standard_price_rank
        )
),

final as (
    select
        provider_id,
        model_id,
        for_service_tier as service_tier,
        usage_key,
        price_key,
        token_class,
        minute_of_day_from,
        minute_of_day_to,
        coalesce(tier_start + 1, 0) as context_tier_start,
        lead(tier_start + 1) over (
            partition by
                provider_id,
                model_id,
                for_service_tier,
                price_key,
                valid_from,
                minute_of_day_from
            order by coalesce(tier_start + 1, 0)
        ) as context_tier_end,
        unit_size,
        list_price,
        valid_from,
        valid_to,
        source_version
    from candidates
    where preference = 1
)

select * from final
