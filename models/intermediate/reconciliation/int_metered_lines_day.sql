{{ config(materialized='table') }}

-- What was metered on the way, on the reconciliation's lines, by day and source; and, of it, the calls that
-- int_request_exceptions_day tells apart.
with traffic as (

    select
        'metered' as traffic_kind,
        usage_date,
        source_name,
        observer_kind,
        service_provider_name,
        ai_model_id,
        service_tier,
        {{ billed_class('token_class') }} as token_class,
        tokens,
        estimated_contracted_cost,
        estimated_cost_currency,
        case when token_class = {{ billed_class('token_class') }} then request_count end as request_count,
        first_load_unit_id
    from {{ ref('int_metered_class_costs') }}
    -- What is no token is on the bill as a charge of its own: non_token.
    where not {{ is_priced_unit('token_class') }}
    union all
    select
        exception_kind as traffic_kind,
        usage_date,
        source_name,
        observer_kind,
        service_provider_name,
        ai_model_id,
        service_tier,
        {{ billed_class('token_class') }} as token_class,
        tokens,
        estimated_contracted_cost,
        estimated_cost_currency,
        case when token_class = {{ billed_class('token_class') }} then request_count end as request_count,
        first_load_unit_id
    from {{ ref('int_request_exception_costs') }}

),

gateway_accounts as (

    select * from {{ ref('int_gateway_accounts') }}

),

accounts as (

    select * from {{ ref('int_reconciled_accounts') }}

),

reported_months as (

    select distinct service_provider_name, billing_account_id, billing_month
    from {{ ref('int_reported_lines_day') }}
    where tokens is not null

),

placed as (

    select
        traffic.*,
        {{ month_of('traffic.usage_date') }} as billing_month,
        coalesce(gateway_accounts.billing_account_id, 'unknown') as billing_account_id,
        coalesce(accounts.billing_currency, traffic.estimated_cost_currency) as billing_currency
    from traffic
    left join gateway_accounts
        on traffic.service_provider_name = gateway_accounts.service_provider_name
    left join accounts
        on traffic.service_provider_name = accounts.service_provider_name
        and gateway_accounts.billing_account_id = accounts.billing_account_id
    -- What traces and tools saw beside the gateways is in the provider's report, where it has one.
    left join reported_months
        on traffic.service_provider_name = reported_months.service_provider_name
        and gateway_accounts.billing_account_id = reported_months.billing_account_id
        and {{ month_of('traffic.usage_date') }} = reported_months.billing_month
    where traffic.observer_kind = 'gateway'
        or reported_months.billing_month is null

),

final as (

    select
        {%- for name in line_columns() %}
        placed.{{ name }},
        {%- endfor %}
        placed.usage_date,
        placed.traffic_kind,
        placed.source_name,
        cast(sum(placed.tokens) as bigint) as tokens,
        cast(
            sum({{ in_currency('placed.estimated_contracted_cost', 'placed.estimated_cost_currency', 'placed.billing_currency', 'rates.fx_rate') }})
            as decimal(38, 12)
        ) as estimated_cost,
        min(case when placed.billing_currency = placed.estimated_cost_currency or rates.fx_rate is not null then 1 else 0 end) = 1
            as is_rate_known,
        cast(sum(placed.request_count) as bigint) as request_count,
        min(placed.first_load_unit_id) as first_load_unit_id
    from placed
    {{ join_fx_rate('rates', 'placed.billing_month', 'placed.estimated_cost_currency', 'placed.billing_currency') }}
    group by
        {%- for name in line_columns() %}
        placed.{{ name }},
        {%- endfor %}
        placed.usage_date,
        placed.traffic_kind,
        placed.source_name

)

select * from final
