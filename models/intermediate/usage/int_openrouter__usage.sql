-- What own keys cost is no charge of OpenRouter, and has no token class: it is seen here as a quantity.
with activity as (

    select * from {{ ref('stg_openrouter__activity') }}

),

measures as (

    select 'input_uncached' as measure, 'Tokens' as consumed_unit, 'input_uncached' as token_class
    union all
    select 'output' as measure, 'Tokens' as consumed_unit, 'output' as token_class
    union all
    select 'reasoning' as measure, 'Tokens' as consumed_unit, 'reasoning' as token_class
    union all
    select 'requests' as measure, 'Requests' as consumed_unit, cast(null as {{ dbt.type_string() }}) as token_class
    union all
    select 'own_keys' as measure, 'USD on own keys' as consumed_unit, cast(null as {{ dbt.type_string() }}) as token_class

),

measured as (

    select
        activity.*,
        measures.measure,
        measures.token_class,
        measures.consumed_unit,
        case measures.measure
            when 'input_uncached' then cast(activity.input_uncached_tokens as decimal(38, 12))
            when 'output' then cast(activity.output_tokens as decimal(38, 12))
            when 'reasoning' then cast(activity.reasoning_tokens as decimal(38, 12))
            when 'requests' then cast(activity.request_count as decimal(38, 12))
            when 'own_keys' then activity.own_keys_cost
        end as quantity
    from activity
    cross join measures

),

final as (

    select
        cast('openrouter' as {{ dbt.type_string() }}) as source_name,
        cast(load_unit_id as {{ dbt.type_string() }}) as load_unit_id,
        cast(source_line as bigint) as source_line,
        cast(_dlt_load_id as {{ dbt.type_string() }}) as _dlt_load_id,
        cast('OpenRouter' as {{ dbt.type_string() }}) as service_provider_name,
        cast(organization_id as {{ dbt.type_string() }}) as billing_account_id,
        cast(day_start as timestamp) as usage_start,
        cast(day_end as timestamp) as usage_end,
        cast(workspace_id as {{ dbt.type_string() }}) as sub_account_id,
        cast(null as {{ dbt.type_string() }}) as credential_id,
        cast(null as {{ dbt.type_string() }}) as user_id,
        cast(model_name as {{ dbt.type_string() }}) as model_name,
        cast('standard' as {{ dbt.type_string() }}) as service_tier,
        cast(null as {{ dbt.type_string() }}) as context_tier,
        cast(null as {{ dbt.type_string() }}) as region_id,
        cast('activity' as {{ dbt.type_string() }}) as operation_name,
        cast(token_class as {{ dbt.type_string() }}) as token_class,
        cast(quantity as decimal(38, 12)) as consumed_quantity,
        cast(consumed_unit as {{ dbt.type_string() }}) as consumed_unit,
        cast(null as {{ dbt.type_string() }}) as quarantine_reason
    from measured
    -- Nothing of a kind is no row.
    where quantity <> 0

)

select * from final
