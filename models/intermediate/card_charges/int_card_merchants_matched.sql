{{ config(materialized='table') }}

-- A pattern is as good as its words are telling and what stands beside them is: nothing, what was sold, other words behind or before.
-- What the service is called, beside what its vendor is, says what was sold: `BUTTERFLY EFFECT MANUS`.
-- A category in which nobody sells software halves what others are called too (a score below 1), and any name with other words
-- beside it; words of another trade halve every name. A digital category raises a word that others use, where nothing else is said.
with texts as (

    select distinct
        merchant_name,
        merchant_category_code
    from {{ ref('int_card_charges_unioned') }}
    where quarantine_reason is null

),

worded as (

    select
        merchant_name,
        merchant_category_code,
        {{ merchant_words('merchant_name') }} as merchant_words,
        {{ merchant_words('merchant_name', keeps_processor=true) }} as words_with_processor
    from texts

),

services as (

    select * from {{ ref('ai_services') }}

),

merchant_patterns as (

    select * from {{ ref('ai_merchants') }}

),

patterns as (

    select
        merchant_patterns.*,
        {{ joined_words('merchant_patterns.merchant_pattern') }} as joined_pattern,
        coalesce({{ plain_words('services.ai_service_name') }}, '') as service_words
    from merchant_patterns
    left join services
        on merchant_patterns.ai_service_id = services.ai_service_id

),

digital_categories as (

    select * from {{ ref('digital_merchant_categories') }}

),

found as (

    select
        worded.merchant_name,
        worded.merchant_category_code,
        worded.merchant_words,
        patterns.merchant_pattern,
        patterns.ai_service_id,
        patterns.vendor_name,
        patterns.pattern_score,
        patterns.service_words,
        -- What is left where the pattern, or it without its blanks, is taken out.
        replace(
            replace(' ' || worded.merchant_words || ' ', ' ' || patterns.merchant_pattern || ' ', ' '),
            ' ' || patterns.joined_pattern || ' ', ' '
        ) as other_words,
        worded.merchant_words like patterns.merchant_pattern || ' %'
        or worded.merchant_words like patterns.joined_pattern || ' %' as is_prefix
    from worded
    inner join patterns
        on ' ' || worded.merchant_words || ' ' like '% ' || patterns.merchant_pattern || ' %'
        -- Terminals leave blanks and points out, as the door does (pipelines/sources/merchants.py).
        or ' ' || worded.merchant_words || ' ' like '% ' || patterns.joined_pattern || ' %'
    union all
    -- A vendor that is a processor too: its name belongs to the pattern.
    select
        worded.merchant_name,
        worded.merchant_category_code,
        worded.merchant_words,
        patterns.merchant_pattern,
        patterns.ai_service_id,
        patterns.vendor_name,
        patterns.pattern_score,
        patterns.service_words,
        replace(' ' || worded.words_with_processor || ' ', ' ' || patterns.merchant_pattern || ' ', ' ') as other_words,
        true as is_prefix
    from worded
    inner join patterns
        on worded.words_with_processor || ' ' like patterns.merchant_pattern || ' %'
    where worded.words_with_processor <> worded.merchant_words

),

categorised as (

    select
        found.*,
        digital_categories.merchant_category_code is not null as is_digital,
        found.merchant_category_code is not null and digital_categories.merchant_category_code is null as is_contradicted
    from found
    left join digital_categories
        on found.merchant_category_code = digital_categories.merchant_category_code

),

placed as (

    select
        *,
        case
            when trim(other_words) = '' then 'exact'
            when {{ only_explains("replace(other_words, ' ' || service_words || ' ', ' ')", 'is_digital') }} then 'explained'
            when {{ tells_another_trade('other_words') }} then 'another_trade'
            when is_prefix then 'prefix'
            else 'contained'
        end as match_place
    from categorised

),

scored as (

    select
        *,
        cast(
            least(
                pattern_score
                * case match_place
                    when 'exact' then cast(1 as decimal(3, 2))
                    when 'explained' then cast(1 as decimal(3, 2))
                    when 'prefix' then cast(0.9 as decimal(3, 2))
                    when 'contained' then cast(0.8 as decimal(3, 2))
                    else cast(0.5 as decimal(3, 2))
                end
                * case
                    when is_contradicted and (pattern_score < 1 or match_place not in ('exact', 'explained')) then cast(0.5 as decimal(3, 2))
                    when is_digital and match_place in ('exact', 'explained') then cast(1.2 as decimal(3, 2))
                    else cast(1 as decimal(3, 2))
                end,
                -- A category makes no name certain that is not.
                case when is_digital then greatest(pattern_score, cast(0.9 as decimal(3, 2))) else pattern_score end
            )
            as decimal(5, 4)
        ) as match_score
    from placed

),

ranked as (

    select
        *,
        row_number() over (
            partition by merchant_name, coalesce(merchant_category_code, '')
            order by match_score desc, pattern_score desc, length(merchant_pattern) desc, merchant_pattern
        ) as place
    from scored

),

final as (

    select
        merchant_name,
        merchant_category_code,
        merchant_words,
        merchant_pattern,
        match_place,
        match_score,
        match_score >= cast({{ var('least_merchant_score') }} as decimal(5, 4)) as is_matched,
        ai_service_id,
        vendor_name
    from ranked
    where place = 1

)

select * from final
