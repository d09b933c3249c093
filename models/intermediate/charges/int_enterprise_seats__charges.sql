-- Seats, credits and API use of one register, and what Claude Enterprise charges, in one ledger. A line without an
-- amount is a seat and no charge: who bills it says so elsewhere. What a day cost beyond its persons' rows is one line.
with lines as (

    select * from {{ ref('stg_enterprise_seats__register_lines') }}

),

cost_rows as (

    select * from {{ ref('stg_enterprise_seats__cost_rows') }}

),

service_providers as (

    select * from {{ ref('service_providers') }}

),

named as (

    select
        lines.*,
        coalesce(service_providers.service_provider_name, lines.service_provider_name) as provider_name
    from lines
    left join service_providers
        on lines.provider_ref = service_providers.provider_ref

),

registered as (

    select
        {{ conformed_charge({
            'source_name': "'enterprise_seats'",
            'service_provider_name': 'provider_name',
            'billing_account_id': 'billing_account_id',
            'billing_period_start': 'period_start',
            'billing_period_end': 'period_end',
            'charge_category': "case when line_kind = 'seat' then 'Purchase' else 'Usage' end",
            'charge_description': "coalesce(line_kind, 'unknown')",
            'service_name': "provider_name",
            'sku_id': 'plan_name',
            'sku_meter': 'line_kind',
            'consumed_quantity': 'quantity',
            'consumed_unit': "case line_kind when 'seat' then 'Seats' when 'credits' then 'Credits' else unit_name end",
            'billing_currency': "coalesce(billing_currency, 'USD')",
            'billed_cost': 'billed_cost',
            'tags': user_tags('user_id'),
            'quarantine_reason': 'quarantine_reason',
        }) }}
    from named
    where billed_cost is not null
        or quarantine_reason is not null

),

reported as (

    select
        {{ conformed_charge({
            'source_name': "'enterprise_seats'",
            'service_provider_name': "'Anthropic'",
            'billing_account_id': 'organization_id',
            'charge_period_start': 'usage_start',
            'charge_period_end': 'usage_start + interval 1 day',
            'charge_description': 'cost_type',
            'service_name': "'Claude Enterprise'",
            'sku_id': 'product_name',
            'sku_meter': 'cost_type',
            'model_name': 'model_name',
            'service_tier': "'standard'",
            'context_tier': 'context_tier',
            'consumed_quantity': 'request_count',
            'consumed_unit': "case when request_count is not null then 'Requests' end",
            'billing_currency': 'cost_currency',
            'billed_cost': 'charged_cost',
            'list_cost': 'list_cost',
            'tags': user_tags('user_id'),
        }) }}
    from cost_rows
    where not is_organization_total

),

-- A day's total and its persons' rows are one load unit, so that both are of one asking.
rests as (

    select
        load_unit_id,
        _dlt_load_id,
        organization_id,
        cost_currency,
        min(case when is_organization_total then source_line end) as source_line,
        min(case when is_organization_total then usage_start end) as usage_start,
        sum(case when is_organization_total then charged_cost else -charged_cost end) as charged_cost,
        -- One part that is not told leaves the rest untold.
        case
            when count(list_cost) = count(*) then sum(case when is_organization_total then list_cost else -list_cost end)
        end as list_cost,
        case
            when count(request_count) = count(*)
                then sum(case when is_organization_total then request_count else -request_count end)
        end as request_count
    from cost_rows
    group by load_unit_id, _dlt_load_id, organization_id, cost_currency
    having
        max(case when is_organization_total then 1 else 0 end) = 1
        and sum(case when is_organization_total then charged_cost else -charged_cost end) <> 0

),

unattributed as (

    select
        {{ conformed_charge({
            'source_name': "'enterprise_seats'",
            'service_provider_name': "'Anthropic'",
            'billing_account_id': 'organization_id',
            'charge_period_start': 'usage_start',
            'charge_period_end': 'usage_start + interval 1 day',
            'charge_description': "'attributed to no person'",
            'service_name': "'Claude Enterprise'",
            'sku_id': "'unattributed'",
            'service_tier': "'standard'",
            'consumed_quantity': 'request_count',
            'consumed_unit': "case when request_count is not null then 'Requests' end",
            'billing_currency': 'cost_currency',
            'billed_cost': 'charged_cost',
            'list_cost': 'list_cost',
        }) }}
    from rests

),

final as (

    select * from registered
    union all
    select * from reported
    union all
    select * from unattributed

)

select * from final
