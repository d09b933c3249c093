-- What file_search_calls and web_search_calls count are calls of a tool: the model requests around
-- them are counted under completions.
{% set told = [
    'input_uncached', 'cache_read', 'cache_read_audio', 'cache_read_image', 'cache_write_5m', 'input_audio',
    'input_image', 'output', 'output_audio', 'output_image',
] %}

with usage_results as (

    select * from {{ ref('stg_openai__usage') }}

),

measures as (

    {% for token_class in told -%}
    select '{{ token_class }}' as measure, 'Tokens' as consumed_unit, '{{ token_class }}' as token_class
    union all
    {% endfor -%}
    select 'requests' as measure, 'Requests' as consumed_unit, cast(null as {{ dbt.type_string() }}) as token_class
    union all
    select 'images' as measure, 'Images' as consumed_unit, cast(null as {{ dbt.type_string() }}) as token_class
    union all
    select 'characters' as measure, 'Characters' as consumed_unit, cast(null as {{ dbt.type_string() }}) as token_class
    union all
    select 'seconds' as measure, 'Seconds' as consumed_unit, cast(null as {{ dbt.type_string() }}) as token_class
    union all
    select 'bytes' as measure, 'Bytes' as consumed_unit, cast(null as {{ dbt.type_string() }}) as token_class
    union all
    select 'sessions' as measure, 'Sessions' as consumed_unit, cast(null as {{ dbt.type_string() }}) as token_class

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
            when 'requests' then usage_results.request_count
            when 'images' then usage_results.image_count
            when 'characters' then usage_results.character_count
            when 'seconds' then usage_results.second_count
            when 'bytes' then usage_results.usage_bytes
            when 'sessions' then usage_results.session_count
        end as quantity
    from usage_results
    cross join measures

),

final as (

    select
        cast('openai' as {{ dbt.type_string() }}) as source_name,
        cast(measured.load_unit_id as {{ dbt.type_string() }}) as load_unit_id,
        cast(measured.source_line as bigint) as source_line,
        cast(measured._dlt_load_id as {{ dbt.type_string() }}) as _dlt_load_id,
        cast('OpenAI' as {{ dbt.type_string() }}) as service_provider_name,
        cast(measured.organization_id as {{ dbt.type_string() }}) as billing_account_id,
        cast(measured.bucket_start as timestamp) as usage_start,
        cast(measured.bucket_end as timestamp) as usage_end,
        cast(measured.project_id as {{ dbt.type_string() }}) as sub_account_id,
        cast(measured.api_key_id as {{ dbt.type_string() }}) as credential_id,
        cast(measured.user_id as {{ dbt.type_string() }}) as user_id,
        cast(measured.model_name as {{ dbt.type_string() }}) as model_name,
        cast(measured.service_tier as {{ dbt.type_string() }}) as service_tier,
        cast(null as {{ dbt.type_string() }}) as context_tier,
        cast(null as {{ dbt.type_string() }}) as region_id,
        cast(measured.operation_name as {{ dbt.type_string() }}) as operation_name,
        cast(measured.token_class as {{ dbt.type_string() }}) as token_class,
        cast(measured.quantity as decimal(38, 12)) as consumed_quantity,
        cast(
            case
                when measured.measure = 'requests'
                    and measured.operation_name in ('file_search_calls', 'web_search_calls')
                    then 'Tool calls'
                else measured.consumed_unit
            end as {{ dbt.type_string() }}
        ) as consumed_unit,
        cast(measured.quarantine_reason as {{ dbt.type_string() }}) as quarantine_reason
    from measured
    -- Nothing of a kind is no row; a broken record stays visible with what it says.
    where quantity <> 0
        or (quarantine_reason is not null and measure = 'input_uncached')

)

select * from final
