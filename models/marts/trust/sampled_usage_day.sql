-- Scaled figures stand beside the observed ones and nowhere else: a row of fct_requests is one call.
with sightings as (

    select * from {{ ref('request_sightings') }}
    where sampling_weight > 1

),

observed as (

    select
        usage_date,
        source_name,
        service_provider_name,
        ai_model_id,
        sampling_weight,
        estimated_cost_currency,
        cast(count(*) as bigint) as request_count,
        cast(sum(total_tokens) as bigint) as total_tokens,
        cast(sum(estimated_list_cost) as decimal(38, 12)) as estimated_list_cost
    from sightings
    group by usage_date, source_name, service_provider_name, ai_model_id, sampling_weight, estimated_cost_currency

),

final as (

    select
        usage_date,
        source_name,
        service_provider_name,
        ai_model_id,
        sampling_weight,
        estimated_cost_currency,
        request_count,
        total_tokens,
        estimated_list_cost,
        cast(cast(request_count as decimal(18, 0)) * sampling_weight as decimal(38, 6)) as scaled_request_count,
        cast(cast(total_tokens as decimal(18, 0)) * sampling_weight as decimal(38, 6)) as scaled_total_tokens,
        -- Narrower than its sum, so that the product keeps all decimals.
        cast(cast(estimated_list_cost as decimal(24, 12)) * sampling_weight as decimal(38, 12))
            as scaled_estimated_list_cost
    from observed

)

select * from final
