-- Usage that neither a negotiated nor a list price is known for: it is missing from every estimate,
-- so it is shown by itself.
with metered_costs as (

    select * from {{ ref('int_metered_class_costs') }}

),

provider_usage as (

    select * from {{ ref('fct_provider_usage') }}

),

reported as (

    select
        *,
        coalesce(
            {{ price_class_of_usage('provider_usage') }},
            -- What no price book has; a request is priced by what it used.
            case consumed_unit
                when 'Tool calls' then 'tool_call'
                when 'Bytes' then 'byte'
                when 'Sessions' then 'session'
            end
        ) as price_class
    from provider_usage

),

observed as (

    select
        {{ month_of('usage_date') }} as usage_month,
        usage_date,
        observer_kind as observed_by,
        source_name,
        service_provider_name,
        model_name,
        ai_model_id,
        token_class,
        tokens,
        unit_count,
        unpriced_request_count as request_count,
        estimated_list_cost,
        estimated_contracted_cost,
        estimated_cost_currency
    from metered_costs
    union all
    select
        {{ month_of('usage_date') }} as usage_month,
        usage_date,
        'provider' as observed_by,
        source_name,
        service_provider_name,
        coalesce(model_name, case when token_class is null then 'none' else 'unknown' end) as model_name,
        ai_model_id,
        price_class as token_class,
        case when token_class is not null then cast(consumed_quantity as bigint) else cast(0 as bigint) end as tokens,
        case
            when token_class is not null then cast(0 as decimal(38, 12)) else consumed_quantity
        end as unit_count,
        cast(null as bigint) as request_count,
        estimated_list_cost,
        estimated_contracted_cost,
        estimated_cost_currency
    from reported
    where consumed_quantity > 0
        and price_class is not null

),

-- The provider's average price of the class in the month, as cost and tokens: the yardstick. Where
-- it is known in several currencies, that of the most tokens counts.
priced as (

    select
        usage_month,
        observed_by,
        service_provider_name,
        token_class,
        cast(sum(tokens) as bigint) as priced_tokens,
        cast(sum(estimated_list_cost) as decimal(38, 12)) as priced_cost,
        estimated_cost_currency,
        row_number() over (
            partition by usage_month, observed_by, service_provider_name, token_class
            order by sum(tokens) desc, estimated_cost_currency
        ) as place
    from observed
    where estimated_list_cost is not null and tokens > 0
    group by usage_month, observed_by, service_provider_name, token_class, estimated_cost_currency

),

unpriced as (

    select
        usage_month,
        observed_by,
        source_name,
        service_provider_name,
        model_name,
        token_class,
        max(ai_model_id) as ai_model_id,
        cast(sum(tokens) as bigint) as tokens,
        cast(sum(unit_count) as decimal(38, 12)) as unit_count,
        cast(sum(request_count) as bigint) as request_count,
        min(usage_date) as first_seen_date,
        max(usage_date) as last_seen_date
    from observed
    where estimated_contracted_cost is null
    group by usage_month, observed_by, source_name, service_provider_name, model_name, token_class

),

models as (

    select * from {{ ref('dim_ai_models') }}

),

final as (

    select
        unpriced.usage_month,
        unpriced.observed_by,
        unpriced.source_name,
        unpriced.service_provider_name,
        unpriced.model_name,
        unpriced.token_class,
        unpriced.tokens,
        unpriced.unit_count,
        unpriced.request_count,
        {{ times_share('priced.priced_cost', share_of('unpriced.tokens', 'priced.priced_tokens')) }} as estimated_cost,
        priced.estimated_cost_currency,
        unpriced.first_seen_date,
        unpriced.last_seen_date,
        case
            when unpriced.ai_model_id = 'none' then 'no_model'
            when coalesce(models.is_priced, false) then 'no_price_for_class'
            else 'unknown_model'
        end as reason
    from unpriced
    left join priced
        on unpriced.usage_month = priced.usage_month
        and unpriced.observed_by = priced.observed_by
        and unpriced.service_provider_name = priced.service_provider_name
        and unpriced.token_class = priced.token_class
        and priced.place = 1
    left join models
        on unpriced.ai_model_id = models.ai_model_id

)

select * from final
