{{ config(materialized='table') }}

-- Who owns a key, project, user, tag or vendor, and when. A row for any provider counts for each
-- one that has no row of its own; where periods overlap the later one takes over.
with claims as (

    select * from {{ ref('stg_org__owners') }}

),

service_providers as (

    select service_provider_name from {{ ref('int_billed_charges') }}
    union
    select service_provider_name from {{ ref('fct_provider_usage') }}
    union
    select service_provider_name from {{ ref('fct_usage_hour') }}
    union
    select gateway_name as service_provider_name from {{ ref('fct_usage_hour') }}

),

{{ dated_claims('owner_kind', 'owner_key', 'team_id') }}

select * from final
