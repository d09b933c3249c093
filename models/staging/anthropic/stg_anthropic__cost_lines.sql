with cost_report as (

    select * from {{ source('anthropic', 'cost_report') }}

),

final as (

    select
        load_unit_id,
        source_line,
        _dlt_load_id,
        organization_id,
        workspace_id,
        cost_type,
        description,
        model as model_name,
        case token_type
            when 'uncached_input_tokens' then 'input_uncached'
            when 'cache_read_input_tokens' then 'cache_read'
            when 'cache_creation.ephemeral_5m_input_tokens' then 'cache_write_5m'
            when 'cache_creation.ephemeral_1h_input_tokens' then 'cache_write_1h'
            when 'output_tokens' then 'output'
        end as token_class,
        case
            when lower(service_tier) in ('flex', 'flex_discount') then 'flex'
            when lower(service_tier) in ('priority', 'priority_on_demand') then 'priority'
            else lower(service_tier)
        end as service_tier,
        context_window as context_tier,
        {{ inference_region('inference_geo') }} as inference_geo,
        group_by as grouped_by,
        -- Amounts come in cents; this is the one place where they become dollars.
        cast(cast(amount_cents as decimal(28, 12)) * cast(0.01 as decimal(2, 2)) as decimal(38, 12)) as amount,
        upper(currency) as amount_currency,
        bucket_start,
        bucket_end
    from cost_report

)

select * from final
