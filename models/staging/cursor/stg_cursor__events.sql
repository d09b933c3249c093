-- Cents become dollars here and nowhere else. What is not chargeable costs nothing, whatever it carries.
with events as (

    select * from {{ source('cursor', 'usage_events') }}

),

worded as (

    select
        *,
        lower(replace(replace(replace(replace(kind, 'USAGE_EVENT_KIND_', ''), ',', ''), ' ', '_'), '-', '_'))
            as usage_kind,
        -- Both examples of the documentation agree with it; for events that state no charge.
        cast(
            cast(model_cost_cents as decimal(28, 12))
            * cast(100 - case when discount_percent between 0 and 100 then discount_percent else 0 end as decimal(5, 2))
            * cast(0.01 as decimal(2, 2))
            as decimal(28, 12)
        ) + cast(coalesce(token_fee_cents, 0) as decimal(28, 12)) as reckoned_cents
    from events

),

charged as (

    select
        *,
        coalesce(is_chargeable, usage_kind = 'usage_based', false) as is_charged
    from worded

),

owed as (

    select
        *,
        case when is_charged then coalesce(charged_cents, reckoned_cents) else cast(0 as decimal(38, 12)) end
            as owed_cents
    from charged

),

final as (

    select
        load_unit_id,
        source_line,
        _dlt_load_id,
        organization_id,
        md5(concat_ws(
            '|', coalesce(stated_time, '-'), coalesce(user_id, '-'), coalesce(conversation_id, '-'),
            coalesce(model, '-'), cast(coalesce(input_tokens, -1) as {{ dbt.type_string() }}),
            cast(coalesce(output_tokens, -1) as {{ dbt.type_string() }}),
            cast(coalesce(cache_write_tokens, -1) as {{ dbt.type_string() }}),
            cast(coalesce(cache_read_tokens, -1) as {{ dbt.type_string() }})
        )) as event_id,
        event_at,
        user_id,
        conversation_id,
        coalesce(model, 'unknown') as model_name,
        usage_kind,
        is_charged,
        coalesce(is_max_mode, false) as is_max_mode,
        coalesce(is_headless, false) as is_headless,
        request_units,
        input_tokens as input_uncached_tokens,
        cache_read_tokens,
        cache_write_tokens as cache_write_5m_tokens,
        output_tokens,
        cast(cast(owed_cents as decimal(28, 12)) * cast(0.01 as decimal(2, 2)) as decimal(38, 12)) as charged_cost,
        cast(cast(model_cost_cents as decimal(28, 12)) * cast(0.01 as decimal(2, 2)) as decimal(38, 12))
            as model_list_cost,
        'USD' as cost_currency,
        case when owed_cents is null then 'missing_cost' end as quarantine_reason
    from owed

)

select * from final
