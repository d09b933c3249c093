{{ config(materialized='table') }}

-- The lake is read once a build; everything after works on this.
with requests as (

    select * from {{ ref('int_requests_unioned') }}

),

final as (

    select
        *,
        cast(started_at as date) as usage_date
    from requests

)

select * from final
