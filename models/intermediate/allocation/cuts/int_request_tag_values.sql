{{ config(materialized='table') }}

-- The tags of each distinct text of tags. Of several values of one key each stands for its part of a call: none counts twice.
with tag_texts as (

    select distinct request_tags
    from {{ ref('int_caller_usage_month') }}
    where request_tags is not null

),

entries as (

    {{ tag_entries('tag_texts', 'request_tags') }}

),

named as (

    select distinct
        request_tags,
        tag_key,
        tag_value
    from entries
    where tag_key <> ''
        and tag_value <> ''

),

final as (

    select
        request_tags,
        tag_key,
        tag_value,
        row_number() over (partition by request_tags, tag_key order by tag_value) as place,
        cast(count(*) over (partition by request_tags, tag_key) as bigint) as value_count
    from named

)

select * from final
