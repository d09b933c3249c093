{{ config(materialized='table') }}

-- What providers say was used, a day, in tokens and requests; the unit that is shared out to teams.
with provider_usage as (

    select * from {{ ref('fct_provider_usage') }}
    where consumed_unit in ('Tokens', 'Requests')

),

grouped as (

    select
        service_provider_name,
        billing_account_id,
        usage_date,
        sub_account_id,
        credential_id,
        user_id,
        ai_model_id,
        service_tier,
        context_tier_start,
        case when consumed_unit = 'Requests' then 'requests' else {{ billed_class('token_class') }} end as measure,
        cast(sum(consumed_quantity) as bigint) as quantity,
        cast(sum(estimated_list_cost) as decimal(38, 12)) as estimated_list_cost,
        cast(sum(estimated_contracted_cost) as decimal(38, 12)) as estimated_contracted_cost,
        max(estimated_cost_currency) as estimated_cost_currency,
        min(source_name) as source_name,
        min(load_unit_id) as first_load_unit_id
    from provider_usage
    group by
        service_provider_name,
        billing_account_id,
        usage_date,
        sub_account_id,
        credential_id,
        user_id,
        ai_model_id,
        service_tier,
        context_tier_start,
        case when consumed_unit = 'Requests' then 'requests' else {{ billed_class('token_class') }} end

),

final as (

    select
        md5(concat_ws(
            '|', service_provider_name, billing_account_id, cast(usage_date as {{ dbt.type_string() }}),
            coalesce(sub_account_id, '-'), coalesce(credential_id, '-'), coalesce(user_id, '-'), ai_model_id,
            service_tier, coalesce(cast(context_tier_start as {{ dbt.type_string() }}), '-'), coalesce(measure, '-')
        )) as usage_id,
        *
    from grouped

)

select * from final
