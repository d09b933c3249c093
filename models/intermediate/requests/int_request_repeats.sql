-- depends_on: {{ ref('int_touched_dates') }}
{{ config(materialized='table') }}

-- The newest delivery of a record counts, or its newest revision where the source dates them; its
-- first delivery stays for the accounts per file. A build that was killed half-way may have kept what
-- arrives again: of twins the one that arrives counts.
{% set id_hash = hash_of(['every_one.source_name', 'every_one.request_id']) %}

-- Most ids stand once, and all of them as text are more than the memory holds: hashes find the rest.
with alike as (

    select {{ id_hash }} as id_hash
    from ({{ deliveries() }}) as every_one
    group by {{ id_hash }}
    having count(*) > 1

),

found as (

    select every_one.*
    from ({{ deliveries(['revised_at']) }}) as every_one
    inner join alike
        on {{ id_hash }} = alike.id_hash

),

ranked as (

    select
        every_one.*,
        row_number() over (
            partition by every_one.source_name, every_one.request_id
            order by
                every_one.revised_at desc nulls last,
                every_one._dlt_load_id desc,
                every_one.load_unit_id desc,
                every_one.source_line desc,
                every_one.is_built
        ) as newest,
        row_number() over (
            partition by every_one.source_name, every_one.request_id
            order by every_one.first_load_id, every_one.first_load_unit_id, every_one.first_source_line
        ) as oldest
    from found as every_one

),

final as (

    select
        source_name,
        request_id,
        max(case when newest = 1 then _dlt_load_id end) as newest_load_id,
        max(case when newest = 1 then load_unit_id end) as newest_load_unit_id,
        max(case when newest = 1 then source_line end) as newest_source_line,
        max(case when newest = 1 then is_built end) as newest_is_built,
        max(case when oldest = 1 then first_load_id end) as first_load_id,
        max(case when oldest = 1 then first_load_unit_id end) as first_load_unit_id,
        max(case when oldest = 1 then first_source_line end) as first_source_line
    from ranked
    group by source_name, request_id
    having count(*) > 1

)

select * from final
