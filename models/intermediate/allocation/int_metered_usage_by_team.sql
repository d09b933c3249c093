{{ config(materialized='table') }}

with owned as (

    select * from {{ ref('int_metered_usage_by_key') }}

),

final as (

    select
        usage_date,
        source_name,
        observer_kind,
        service_provider_name,
        ai_model_id,
        service_tier,
        context_tier_start,
        team_id,
        {{ sum_token_columns() }},
        cast(sum(request_count) as bigint) as request_count,
        cast(sum(failed_request_count) as bigint) as failed_request_count,
        cast(sum(estimated_list_cost) as decimal(38, 12)) as estimated_list_cost,
        cast(sum(estimated_contracted_cost) as decimal(38, 12)) as estimated_contracted_cost,
        estimated_cost_currency
    from owned
    group by
        usage_date,
        source_name,
        observer_kind,
        service_provider_name,
        ai_model_id,
        service_tier,
        context_tier_start,
        team_id,
        estimated_cost_currency

)

select * from final
