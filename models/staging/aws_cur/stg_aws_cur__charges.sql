-- A usage type says region, model, direction and tier in one text, in three ways:
--   USE1-Claude4.6Sonnet-cache-read-input-token-count-cross-region-global
--   USW2-anthropic.claude-opus-4-8-mantle-cache-write-tokens-global-standard
--   USE1-MP:USE1_CacheWrite1hInputTokenCount_Global-Units    (model: the product, sold by AWS Marketplace)
-- Operands of sums and products are cast narrower than their result: Spark would cut its decimals.
{% set region = "([A-Z]{2,3}[1-9]|EU)-" %}
{% set direction = "(?:text-|image-|video-|audio-|speech-)*(?:input|output|cache-?read|cache-?write)(?:-|$)" %}
{% set thousand = "'1k tokens', '1k token', '1000 tokens', '1,000 tokens', 'thousand tokens'" %}
{% set million = "'1m tokens', '1m token', '1000000 tokens', 'million tokens'" %}

with charges as (

    select * from {{ source('aws_cur', 'charges') }}

),

worded as (

    select
        *,
        lower(coalesce(usage_type, '')) as meter,
        lower(coalesce(pricing_unit, '')) as unit,
        lower(coalesce(product_name, '') || ' ' || coalesce(product_code, '')) as product,
        case
            when line_type in ('Usage', 'DiscountedUsage', 'SavingsPlanCoveredUsage') then 'Usage'
            when line_type in ('Fee', 'RIFee', 'SavingsPlanRecurringFee', 'SavingsPlanUpfrontFee') then 'Purchase'
            when line_type = 'Tax' then 'Tax'
            when line_type in ('Credit', 'Refund') then 'Credit'
            -- Discounts, negations, and what AWS may add: money counts, whatever it is called.
            else 'Adjustment'
        end as charge_category
    from charges

),

measured as (

    select
        *,
        charge_category = 'Usage'
        and meter like '%token%'
        and meter not like '%training%'
        and meter not like '%reserved%' as is_of_tokens,
        regexp_extract(usage_type, '^(?:{{ region }})?([a-z0-9-]+[.][a-z0-9.:-]+)-mantle-', 2) as mantle_model,
        regexp_extract(product_name, '^(.*[^ ]) *[(]Amazon Bedrock Edition[)]', 1) as marketplace_model,
        regexp_extract(usage_type, '^(?:{{ region }})?(.+?)-{{ direction }}', 2) as plain_model,
        regexp_extract(usage_type, '^{{ region }}', 1) as region_word
    from worded

),

classed as (

    select
        *,
        case
            when not is_of_tokens then null
            when regexp_extract(meter, 'cache[-_]?read', 0) <> '' then {{ class_by_content('meter', 'cache_read') }}
            when regexp_extract(meter, 'cache[-_]?write', 0) <> ''
                then case
                        when regexp_extract(meter, '(write|tokens)[-_]?1h', 0) <> '' then 'cache_write_1h'
                        else 'cache_write_5m'
                    end
            when regexp_extract(meter, 'output|response', 0) <> '' then {{ class_by_content('meter', 'output') }}
            when meter like '%input%' then {{ class_by_content('meter', 'input_uncached') }}
        end as token_class,
        case
            when unit in ({{ thousand }}) then cast(1000 as decimal(7, 0))
            when unit in ({{ million }}) then cast(1000000 as decimal(7, 0))
            when unit in ('token', 'tokens') then cast(1 as decimal(7, 0))
            -- AWS Marketplace calls every unit so; what one is stands in the description.
            when unit = 'units' and lower(description) like '%million%token%' then cast(1000000 as decimal(7, 0))
        end as tokens_a_unit
    from measured

),

final as (

    select
        'aws_cur' as source_name,
        load_unit_id,
        source_line,
        _dlt_load_id,
        coalesce(invoicing_entity, billing_entity, 'AWS') as invoice_issuer_name,
        payer_account_id as billing_account_id,
        payer_account_name as billing_account_name,
        usage_account_id as sub_account_id,
        usage_account_name as sub_account_name,
        invoice_id,
        billing_period_start,
        billing_period_end,
        usage_start as charge_period_start,
        coalesce(usage_end, usage_start) as charge_period_end,
        charge_category,
        case when line_type = 'Refund' and usage_start < billing_period_start then 'Correction' end as charge_class,
        coalesce(description, line_type) as charge_description,
        case
            when token_class is not null or product like '%bedrock%' or product like '%sagemaker%'
                then 'AI and Machine Learning'
        end as service_category,
        coalesce(product_name, product_code) as service_name,
        sku as sku_id,
        usage_type as sku_meter,
        rate_code as sku_price_id,
        coalesce(region_code, nullif(region_word, '')) as region_id,
        resource_id,
        caller_arn as credential_id,
        caller_user_id,
        case when token_class is not null then nullif(mantle_model, '') end as model_id,
        case
            when token_class is null then product_model
            when meter like '%custom-model%' then plain_model || '-custom-model'
            else coalesce(nullif(marketplace_model, ''), nullif(plain_model, ''), product_model)
        end as bill_model_name,
        token_class is not null
        and regexp_extract(meter, '[-_]global([-_]|$)', 0) <> '' as is_global,
        token_class,
        case
            when token_class is null then null
            when meter like '%batch%' then 'batch'
            when regexp_extract(meter, '[-_]flex([-_]|$)', 0) <> '' then 'flex'
            when regexp_extract(meter, '[-_]priority([-_]|$)', 0) <> '' then 'priority'
            else 'standard'
        end as service_tier,
        -- Long context begins at different counts; that of Claude is known.
        case
            when token_class is null or regexp_extract(meter || ' ' || product, 'claude', 0) = '' then null
            when regexp_extract(meter, 'long[-_]?c(on)?te?x|lctx', 0) <> '' then '200k-1M'
        end as context_tier,
        cast(
            case
                when charge_category = 'Usage'
                    then cast(usage_amount as decimal(28, 12))
                        * case when token_class is null then cast(1 as decimal(7, 0)) else coalesce(tokens_a_unit, cast(1 as decimal(7, 0))) end
            end as decimal(38, 12)
        ) as consumed_quantity,
        case
            when charge_category <> 'Usage' then null
            when token_class is not null and tokens_a_unit is not null then 'Tokens'
            else pricing_unit
        end as consumed_unit,
        case when charge_category = 'Usage' then usage_amount end as pricing_quantity,
        case when charge_category = 'Usage' then pricing_unit end as pricing_unit,
        upper(currency_code) as billing_currency,
        unblended_cost as billed_cost,
        cast(
            case line_type
                when 'SavingsPlanCoveredUsage' then coalesce(savings_plan_effective_cost, unblended_cost)
                when 'SavingsPlanNegation' then 0
                when 'SavingsPlanUpfrontFee' then 0
                when 'SavingsPlanRecurringFee'
                    then coalesce(
                            cast(savings_plan_total_commitment as decimal(30, 12))
                            - cast(savings_plan_used_commitment as decimal(30, 12)),
                            unblended_cost
                        )
                when 'DiscountedUsage' then coalesce(reservation_effective_cost, unblended_cost)
                when 'RIFee'
                    then coalesce(
                            cast(reservation_unused_upfront as decimal(30, 12))
                            + cast(reservation_unused_recurring as decimal(30, 12)),
                            unblended_cost
                        )
                else unblended_cost
            end as decimal(38, 12)
        ) as effective_cost,
        -- AWS writes 0 where it does not know the price.
        case
            when charge_category = 'Usage' and (public_on_demand_cost <> 0 or unblended_cost = 0)
                then public_on_demand_cost
        end as list_cost,
        coalesce(tags, '{}') as tags,
        case
            when regexp_extract(upper(currency_code), '^[A-Z][A-Z][A-Z]$', 0) = '' then 'unknown_currency'
            when billing_period_end <= billing_period_start then 'bad_billing_period'
            when usage_end < usage_start then 'bad_charge_period'
        end as quarantine_reason
    from classed

)

select * from final
