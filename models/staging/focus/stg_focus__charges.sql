-- FOCUS has no column for model, token class or tier: they are read from `x_` keys where a provider
-- gives them, else from the meter's words, and stay null where the words do not say.
{% set meters = "(gpt|chatgpt|o[134]|text-embedding|dall-e|whisper|claude|llama|mistral|mixtral|ministral|codestral|deepseek|phi|command|gemini|nova|titan|grok)[a-z0-9. _-]*?" %}
{% set words = "(cached|cchd|cache|batch|audio|input|inp|prompt|output|outpt|outp|opt|completion|reasoning|tokens?)" %}

-- What Azure's export lacks or writes otherwise is mended here: README of the source, Azure.
with bills as (

    select
        *,
        lower(coalesce(service_provider_name, provider_name, publisher_name, invoice_issuer_name, ''))
        like 'microsoft%' as is_of_azure
    from {{ source('focus', 'charges') }}

),

charges as (

    select
        {% for name in [
            'load_unit_id', 'source_line', '_dlt_load_id', 'focus_version', 'service_provider_name', 'provider_name',
            'host_provider_name', 'invoice_issuer_name', 'billing_account_id', 'billing_account_name',
            'sub_account_id', 'sub_account_name', 'billing_period_start', 'billing_period_end', 'charge_period_start',
            'charge_period_end', 'charge_category', 'charge_class', 'charge_description', 'charge_frequency',
            'service_category', 'sku_id', 'sku_price_id', 'region_id', 'resource_name', 'resource_type',
            'consumed_unit', 'pricing_quantity', 'pricing_unit', 'billing_currency', 'billed_cost', 'effective_cost',
            'list_cost', 'contracted_cost', 'pricing_category', 'pricing_currency', 'pricing_currency_effective_cost',
            'commitment_discount_id', 'commitment_discount_name', 'commitment_discount_category', 'commitment_discount_type',
            'commitment_discount_status', 'commitment_discount_quantity', 'commitment_discount_unit', 'tags', 'x_columns',
            'is_of_azure',
        ] -%}
        {{ name }},
        {% endfor -%}
        coalesce(invoice_id, {{ json_member('x_columns', "'x_InvoiceId'") }}) as invoice_id,
        coalesce(publisher_name, case when is_of_azure then 'Microsoft' end) as publisher_name,
        coalesce(
            service_name,
            case when is_of_azure
                    then coalesce(
                            {{ json_member('x_columns', "'x_SkuMeterCategory'") }},
                            {{ json_member('x_columns', "'x_SkuOrderName'") }},
                            {{ json_member('x_columns', "'x_SkuDescription'") }},
                            publisher_name, 'Microsoft'
                        )
            end
        ) as service_name,
        case when is_of_azure then lower(resource_id) else resource_id end as resource_id,
        coalesce(sku_meter, {{ json_member('x_columns', "'x_SkuMeterName'") }}) as sku_meter,
        coalesce(sku_price_details, {{ json_member('x_columns', "'x_SkuDetails'") }}) as sku_price_details,
        coalesce(
            consumed_quantity,
            cast(
                try_cast(pricing_quantity as decimal(26, 12))
                * try_cast({{ json_member('x_columns', "'x_PricingBlockSize'") }} as decimal(11, 0)) as decimal(38, 12)
            )
        ) as consumed_quantity
    from bills

),

details as (

    select
        *,
        coalesce(
            {{ json_member('sku_price_details', "'x_ModelName'") }},
            {{ json_member('sku_price_details', "'x_Model'") }},
            {{ json_member('x_columns', "'x_ModelName'") }}
        ) as stated_model_name,
        lower(coalesce(
            {{ json_member('sku_price_details', "'x_TokenClass'") }},
            {{ json_member('sku_price_details', "'x_TokenType'") }}
        )) as stated_token_class,
        lower(coalesce(
            {{ json_member('sku_price_details', "'x_ServiceTier'") }},
            {{ json_member('x_columns', "'x_ServiceTier'") }}
        )) as stated_service_tier,
        {{ json_member('sku_price_details', "'x_ContextTier'") }} as context_tier,
        coalesce(
            {{ json_member('x_columns', "'x_CredentialId'") }},
            {{ json_member('x_columns', "'CredentialId'") }},
            case when lower(resource_type) = 'api key' then resource_id end
        ) as credential_id,
        lower(coalesce(sku_meter, charge_description, '')) as meter,
        lower(coalesce(charge_description, '')) as description,
        lower(concat_ws(
            ' ', coalesce(sku_meter, ''), coalesce(charge_description, ''),
            coalesce(consumed_unit, ''), coalesce(pricing_unit, '')
        )) like '%token%' as is_token_meter
    from charges

),

worded as (

    select
        *,
        coalesce(stated_token_class, case when is_token_meter then meter end, '') as class_words,
        coalesce(
            nullif(regexp_extract(meter, '^({{ meters }})[ _-]+{{ words }}([^a-z]|$)', 1), ''),
            nullif(regexp_extract(description, '^({{ meters }})[ _-]+{{ words }}([^a-z]|$)', 1), '')
        ) as worded_model_name
    from details

),

classed as (

    select
        *,
        case
            when class_words in ('{{ token_classes() | join("', '") }}') then class_words
            when class_words like '%cach%' and (class_words like '%write%' or class_words like '%creation%')
                then case when class_words like '%1h%' or class_words like '%1 h%'
                            then 'cache_write_1h'
                        else 'cache_write_5m'
                    end
            when class_words like '%cach%' or class_words like '%cchd%'
                then {{ class_by_content('class_words', 'cache_read') }}
            when class_words like '%reasoning%' then 'reasoning'
            when regexp_extract(class_words, '(^|[^a-z])(output|outpt|outp|opt|completion)([^a-z]|$)', 2) <> ''
                then {{ class_by_content('class_words', 'output') }}
            when regexp_extract(class_words, '(^|[^a-z])(input|inp|prompt)([^a-z]|$)', 2) <> ''
                then {{ class_by_content('class_words', 'input_uncached') }}
        end as token_class
    from worded

),

final as (

    select
        'focus' as source_name,
        load_unit_id,
        source_line,
        _dlt_load_id,
        focus_version,
        coalesce(service_provider_name, provider_name, publisher_name, invoice_issuer_name, 'unknown')
            as service_provider_name,
        coalesce(host_provider_name, service_provider_name, provider_name) as host_provider_name,
        publisher_name,
        invoice_issuer_name,
        coalesce(billing_account_id, 'unknown') as billing_account_id,
        billing_account_name,
        sub_account_id,
        sub_account_name,
        invoice_id,
        billing_period_start,
        billing_period_end,
        charge_period_start,
        charge_period_end,
        case lower(charge_category)
            when 'usage' then 'Usage'
            when 'purchase' then 'Purchase'
            when 'tax' then 'Tax'
            when 'credit' then 'Credit'
            when 'adjustment' then 'Adjustment'
            else charge_category
        end as charge_category,
        charge_class,
        charge_description,
        charge_frequency,
        service_category,
        service_name,
        sku_id,
        sku_meter,
        sku_price_id,
        region_id,
        resource_id,
        resource_name,
        resource_type,
        credential_id,
        case when token_class is not null or stated_model_name is not null
                then coalesce(stated_model_name, worded_model_name)
        end as model_name,
        token_class,
        case
            when stated_service_tier in ('standard', 'batch', 'flex', 'priority') then stated_service_tier
            when token_class is null then null
            when meter like '%batch%' or description like '%batch%' then 'batch'
            when meter like '%flex%' then 'flex'
            when meter like '%priority%' then 'priority'
            else 'standard'
        end as service_tier,
        context_tier,
        consumed_quantity,
        -- Azure counts single units, whatever they are called; that of a token meter is a token.
        case
            when
                is_of_azure and token_class is not null and consumed_quantity is not null
                and lower(coalesce(consumed_unit, 'units')) in ('unit', 'units', 'count', 'token', 'tokens')
                then 'Tokens'
            else consumed_unit
        end as consumed_unit,
        pricing_quantity,
        pricing_unit,
        upper(billing_currency) as billing_currency,
        billed_cost,
        effective_cost,
        -- Azure and AWS write 0 where they do not know the price.
        case when list_cost <> 0 or (billed_cost = 0 and effective_cost = 0) then list_cost end
            as list_cost,
        case when contracted_cost <> 0 or (billed_cost = 0 and effective_cost = 0)
                then contracted_cost
        end as contracted_cost,
        pricing_category,
        upper(pricing_currency) as pricing_currency,
        pricing_currency_effective_cost,
        commitment_discount_id,
        commitment_discount_name,
        commitment_discount_category,
        commitment_discount_type,
        commitment_discount_status,
        commitment_discount_quantity,
        commitment_discount_unit,
        coalesce(tags, '{}') as tags,
        case
            when lower(charge_category) not in ('usage', 'purchase', 'tax', 'credit', 'adjustment')
                then 'unknown_charge_category'
            when regexp_extract(upper(billing_currency), '^[A-Z][A-Z][A-Z]$', 0) = ''
                then 'unknown_currency'
            when billing_period_end <= billing_period_start then 'bad_billing_period'
            when charge_period_end < charge_period_start then 'bad_charge_period'
        end as quarantine_reason
    from classed

)

select * from final
