{{ config(materialized='table') }}

-- Which AI system claims a key, project, tag, agent or gateway's team, and when. A row for any provider counts for each
-- one that has no row of its own; where periods overlap the later one takes over.
with claims as (

    select * from {{ ref('stg_org__ai_systems') }}

),

service_providers as (

    select service_provider_name from {{ ref('fct_allocated_charges') }}
    union
    select service_provider_name from {{ ref('fct_provider_usage') }}
    union
    select service_provider_name from {{ ref('fct_usage_hour') }}
    union
    select gateway_name as service_provider_name from {{ ref('fct_usage_hour') }}

),

{{ dated_claims('member_kind', 'member_key', 'ai_system_id') }}

select * from final
