with days as (

    select * from {{ ref('fct_sighting_overlap_day') }}

),

summed as (

    select
        {{ month_of('usage_date') }} as usage_month,
        service_provider_name,
        source_name,
        other_source_name,
        cast(sum(call_count) as bigint) as call_count,
        cast(sum(other_call_count) as bigint) as other_call_count,
        cast(sum(identified_call_count) as bigint) as identified_call_count,
        cast(sum(other_identified_call_count) as bigint) as other_identified_call_count,
        cast(sum(shared_call_count) as bigint) as shared_call_count,
        cast(sum(shared_tokens) as bigint) as shared_tokens,
        cast(sum(other_shared_tokens) as bigint) as other_shared_tokens
    from days
    group by {{ month_of('usage_date') }}, service_provider_name, source_name, other_source_name

),

final as (

    select
        usage_month,
        service_provider_name,
        source_name,
        other_source_name,
        call_count,
        other_call_count,
        identified_call_count,
        other_identified_call_count,
        shared_call_count,
        shared_tokens,
        other_shared_tokens,
        cast(shared_call_count as double) / cast(call_count as double) as shared_ratio,
        cast(shared_call_count as double) / cast(other_call_count as double) as other_shared_ratio
    from summed

)

select * from final
