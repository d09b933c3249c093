-- line_item is free text: what says nothing known stays null, and the amount counts all the same.
with costs as (

    select * from {{ source('openai', 'costs') }}

),

split as (

    select
        *,
        -- "batch | gpt-4o-mini, cached input": way of use, model, meter
        trim(regexp_extract(line_item, '([^|]*)$', 1)) as item,
        case when line_item like '%|%' then lower(trim(split_part(line_item, '|', 1))) else '' end as way
    from costs

),

worded as (

    select
        *,
        trim(split_part(item, ', ', 1)) as item_name,
        case
            when item like '%, %' then lower(trim(substr(item, length(split_part(item, ', ', 1)) + 3)))
            else ''
        end as meter
    from split

),

final as (

    select
        load_unit_id,
        source_line,
        _dlt_load_id,
        organization_id,
        project_id,
        api_key_id,
        line_item,
        case
            when regexp_extract(item_name, '^([A-Za-z0-9.:/_-]+)$', 1) <> '' and item_name like '%-%'
                then item_name
        end as model_name,
        case
            when coalesce(quantity_unit, 'tokens') not in ('tokens', '1000_tokens') then null
            when meter like '%cache%write%' then 'cache_write_5m'
            when meter like '%cached%' then {{ class_by_content('meter', 'cache_read') }}
            when meter like '%input%' then {{ class_by_content('meter', 'input_uncached') }}
            when meter like '%output%' then {{ class_by_content('meter', 'output') }}
        end as token_class,
        case
            when way like '%batch%' or meter like '%batch%' then 'batch'
            when way like '%flex%' or meter like '%flex%' then 'flex'
            when way like '%priority%' or meter like '%priority%' then 'priority'
            when meter like '%input%' or meter like '%output%' or meter like '%cache%' then 'standard'
        end as service_tier,
        group_by as grouped_by,
        amount,
        upper(currency) as amount_currency,
        quantity as pricing_quantity,
        quantity_unit as pricing_unit,
        cast(
            cast(quantity as decimal(28, 9)) * case quantity_unit
                when '1000_tokens' then cast(1000 as decimal(4, 0))
                when 'duration_minutes' then cast(60 as decimal(4, 0))
                when 'duration_hours' then cast(3600 as decimal(4, 0))
                else cast(1 as decimal(4, 0))
            end as decimal(38, 12)
        ) as consumed_quantity,
        case
            when quantity is null then null
            when quantity_unit in ('tokens', '1000_tokens') then 'Tokens'
            when quantity_unit in ('duration_seconds', 'duration_minutes', 'duration_hours') then 'Seconds'
            when quantity_unit = 'images' then 'Images'
            when quantity_unit = 'characters' then 'Characters'
            else quantity_unit
        end as consumed_unit,
        bucket_start,
        bucket_end
    from worded

)

select * from final
