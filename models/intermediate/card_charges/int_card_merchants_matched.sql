{{ config(materialized='table') }}

-- A pattern is as good as its words are telling and its place is: the whole text, its beginning, anywhere in it. What others are
-- called too (a score below 1) is halved under a category in which nobody sells software.
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
        {{ merchant_words('merchant_name') }} as merchant_words
    from texts

),

patterns as (

    select
        *,
        {{ joined_words('merchant_pattern') }} as joined_pattern
    from {{ ref('ai_merchants') }}

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
        case
            when worded.merchant_words in (patterns.merchant_pattern, patterns.joined_pattern) then 'exact'
            when worded.merchant_words like patterns.merchant_pattern || ' %'
                or worded.merchant_words like patterns.joined_pattern || ' %'
                then 'prefix'
            else 'contained'
        end as match_place
    from worded
    inner join patterns
        on ' ' || worded.merchant_words || ' ' like '% ' || patterns.merchant_pattern || ' %'
        -- Terminals leave blanks and points out, as the door does (pipelines/sources/merchants.py).
        or ' ' || worded.merchant_words || ' ' like '% ' || patterns.joined_pattern || ' %'

),

scored as (

    select
        found.*,
        cast(
            found.pattern_score
            * case found.match_place
                when 'exact' then cast(1 as decimal(3, 2))
                when 'prefix' then cast(0.9 as decimal(3, 2))
                else cast(0.8 as decimal(3, 2))
            end
            * case
                when found.pattern_score = 1 or found.merchant_category_code is null or digital_categories.merchant_category_code is not null
                    then cast(1 as decimal(3, 2))
                else cast(0.5 as decimal(3, 2))
            end
            as decimal(5, 4)
        ) as match_score
    from found
    left join digital_categories
        on found.merchant_category_code = digital_categories.merchant_category_code

),

ranked as (

    select
        *,
        row_number() over (
            partition by merchant_name, coalesce(merchant_category_code, '')
            order by match_score desc, length(merchant_pattern) desc, merchant_pattern
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
