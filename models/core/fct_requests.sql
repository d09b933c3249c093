{{ config(materialized='view') }}

with sightings as (

    select * from {{ ref('request_sightings') }}

),

final as (

    select
        {{ sighting_columns() | join(',\n        ') }},
        {{ token_columns() }},
        {{ sighting_cost_columns() | join(',\n        ') }},
        call_id
    from sightings
    where is_counted

)

select * from final
