-- A SKU says model, direction, tier and size of context in one text, in three ways:
--   Gemini 2.5 Flash GA Text Input - Predictions, Gemini 2.5 Pro Input Text Caching (Long)
--   Generate content output token count gemini 2.5 flash lite short output text non-thinking
--   Claude Opus 4.5 Input Tokens     (partners; also behind `Cloud Vertex AI Model Garden Model as a Service`)
{% set before = "(?:cloud vertex ai model garden model as a service |vertex ai: |generate content [a-z ]*token count )" %}
{% set family = "^(gemini|gemma|claude|llama|mistral|ministral|codestral|deepseek|qwen|gpt|jamba|grok|kimi|glm|minimax|text-emb)" %}
{% set after = "(?:ga|global|regional|text|image|video|audio|thinking|native|input|output|prompt|batch|flex|priority|cached|cache|caching|short|long|tokens?|online)" %}

with charges as (

    select * from {{ source('gcp_billing', 'charges') }}

),

worded as (

    select
        *,
        lower(trim(coalesce(sku_name, ''))) as sku,
        lower(coalesce(usage_unit, '')) as unit,
        case lower(coalesce(cost_type, 'regular'))
            when 'regular' then 'Usage'
            when 'tax' then 'Tax'
            -- Rounding, and what Google may add: money counts, whatever it is called.
            else 'Adjustment'
        end as charge_category
    from charges

),

measured as (

    select
        *,
        regexp_extract(sku, '^{{ before }}?(.*)$', 1) as phrase,
        -- Storage of a cache is hours, and the older models were paid by the character.
        charge_category = 'Usage'
        and unit in ('', 'requests', 'request', 'count', 'token', 'tokens')
        and regexp_extract(sku, 'token|predictions|caching|cache', 0) <> ''
        and regexp_extract(sku, 'input|output|prompt|cach', 0) <> ''
        and regexp_extract(sku, 'storage|character|tuning|training|grounding|search|provisioned', 0) = '' as is_of_tokens
    from worded

),

classed as (

    select
        *,
        case
            when not is_of_tokens then null
            when sku like '%cach%'
                then case
                        when regexp_extract(sku, 'write|creat', 0) = '' then {{ class_by_content('sku', 'cache_read') }}
                        when regexp_extract(sku, '(^|[^0-9])(1 ?h|1 hour|1-hour|60 ?m)', 0) <> '' then 'cache_write_1h'
                        else 'cache_write_5m'
                    end
            when sku like '%output%'
                then case
                        when regexp_extract(sku, 'thinking (text |image )?output|reasoning', 0) <> '' then 'reasoning'
                        else {{ class_by_content('sku', 'output') }}
                    end
            else {{ class_by_content('sku', 'input_uncached') }}
        end as token_class,
        case
            when regexp_extract(phrase, '{{ family }}', 0) <> ''
                then coalesce(
                        nullif(regexp_extract(phrase, '^(.+?)[ -]+(?:{{ after }}(?: |-|$)|[(])', 1), ''), phrase
                    )
        end as bill_model_name
    from measured

),

final as (

    select
        'gcp_billing' as source_name,
        load_unit_id,
        source_line,
        _dlt_load_id,
        export_time,
        billing_account_id,
        project_id as sub_account_id,
        project_name as sub_account_name,
        billing_period_start,
        cast(billing_period_start + interval 1 month as timestamp) as billing_period_end,
        usage_start as charge_period_start,
        coalesce(usage_end, usage_start) as charge_period_end,
        charge_category,
        case
            when coalesce(adjustment_id, adjustment_type) is not null and usage_start < billing_period_start
                then 'Correction'
        end as charge_class,
        coalesce(trim(sku_name), cost_type) as charge_description,
        case when bill_model_name is not null or token_class is not null then 'AI and Machine Learning' end
            as service_category,
        service_name,
        sku_id,
        trim(sku_name) as sku_meter,
        case when sku like '% global %' then 'global' else coalesce(region, location) end as region_id,
        coalesce(resource_global_name, resource_name) as resource_id,
        resource_name,
        bill_model_name,
        token_class,
        case
            when token_class is null then null
            when regexp_extract(sku, '(^|[^a-z])batch([^a-z]|$)', 0) <> '' then 'batch'
            when regexp_extract(sku, '(^|[^a-z])flex([^a-z]|$)', 0) <> '' then 'flex'
            when regexp_extract(sku, '(^|[^a-z])priority([^a-z]|$)', 0) <> '' then 'priority'
            else 'standard'
        end as service_tier,
        case
            when token_class is null then null
            when regexp_extract(sku, '(^|[^a-z])long([^a-z]|$)', 0) <> '' then '200k-1M'
            when regexp_extract(sku, '(^|[^a-z])short([^a-z]|$)', 0) <> '' then '0-200k'
        end as context_tier,
        case when charge_category = 'Usage' then usage_amount end as consumed_quantity,
        case
            when charge_category <> 'Usage' or usage_amount is null then null
            when token_class is not null then 'Tokens'
            else usage_unit
        end as consumed_unit,
        case when charge_category = 'Usage' then pricing_amount end as pricing_quantity,
        case when charge_category = 'Usage' then pricing_unit end as pricing_unit,
        upper(currency) as billing_currency,
        cost,
        credit_cost,
        credit_names,
        case when charge_category = 'Usage' then cost_at_list end as list_cost,
        coalesce(tags, '{}') as tags,
        case
            when regexp_extract(upper(currency), '^[A-Z][A-Z][A-Z]$', 0) = '' then 'unknown_currency'
            when usage_end < usage_start then 'bad_charge_period'
        end as quarantine_reason
    from classed

)

select * from final
