-- The report does not count requests, only the calls of the web search tool.
{% set told = ['input_uncached', 'cache_read', 'cache_write_5m', 'cache_write_1h', 'output'] %}

with usage_results as (

    select * from {{ ref('stg_anthropic__usage') }}

),

measures as (

    {% for token_class in told -%}
    select '{{ token_class }}' as measure, 'Tokens' as consumed_unit, '{{ token_class }}' as token_class
    union all
    {% endfor -%}
    select 'web_searches' as measure, 'Tool calls' as consumed_unit, cast(null as {{ dbt.type_string() }}) as token_class

),

measured as (

    select
        usage_results.*,
        measures.measure,
        measures.token_class,
        measures.consumed_unit,
        case measures.measure
            {%- for token_class in told %}
            when '{{ token_class }}' then usage_results.{{ token_class }}_tokens
            {%- endfor %}
            when 'web_searches' then usage_results.web_search_count
        end as quantity
    from usage_results
    cross join measures

),

final as (

    select
        cast('anthropic' as {{ dbt.type_string() }}) as source_name,
        cast(measured.load_unit_id as {{ dbt.type_string() }}) as load_unit_id,
        cast(measured.source_line as bigint) as source_line,
        cast(measured._dlt_load_id as {{ dbt.type_string() }}) as _dlt_load_id,
        cast('Anthropic' as {{ dbt.type_string() }}) as service_provider_name,
        cast(measured.organization_id as {{ dbt.type_string() }}) as billing_account_id,
        cast(measured.bucket_start as timestamp) as usage_start,
        cast(measured.bucket_end as timestamp) as usage_end,
        cast(measured.workspace_id as {{ dbt.type_string() }}) as sub_account_id,
        cast(measured.api_key_id as {{ dbt.type_string() }}) as credential_id,
        cast(measured.account_id as {{ dbt.type_string() }}) as user_id,
        cast(measured.model_name as {{ dbt.type_string() }}) as model_name,
        cast(measured.service_tier as {{ dbt.type_string() }}) as service_tier,
        cast(measured.context_tier as {{ dbt.type_string() }}) as context_tier,
        cast(measured.inference_geo as {{ dbt.type_string() }}) as region_id,
        cast(case when measured.measure = 'web_searches' then 'web_search' else 'messages' end as {{ dbt.type_string() }}) as operation_name,
        cast(measured.token_class as {{ dbt.type_string() }}) as token_class,
        cast(measured.quantity as decimal(38, 12)) as consumed_quantity,
        cast(measured.consumed_unit as {{ dbt.type_string() }}) as consumed_unit,
        cast(measured.quarantine_reason as {{ dbt.type_string() }}) as quarantine_reason
    from measured
    -- Nothing of a kind is no row; a broken record stays visible with what it says.
    where quantity <> 0
        or (quarantine_reason is not null and measure = 'input_uncached')

)

select * from final
