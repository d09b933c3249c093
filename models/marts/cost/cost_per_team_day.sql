-- Two kinds of rows meet here: what was billed, and what was used. Tokens, and requests, come from
-- the provider for the days its usage reports speak of, else from the gateway: no call counts twice.
with allocated_charges as (

    select * from {{ ref('fct_allocated_charges') }}

),

usage_by_team as (

    select * from {{ ref('int_usage_by_team') }}

),

gateway_usage as (

    select * from {{ ref('int_metered_usage_unreported') }}

),

teams as (

    select * from {{ ref('dim_teams') }}

),

-- The account and currency that a provider bills in: where it is one, usage can be put beside it.
billing_accounts as (

    select
        service_provider_name,
        billing_account_id,
        min(billing_currency) as billing_currency
    from allocated_charges
    group by service_provider_name, billing_account_id
    having count(distinct billing_currency) = 1

),

sole_accounts as (

    select
        service_provider_name,
        min(billing_account_id) as billing_account_id,
        min(billing_currency) as billing_currency
    from billing_accounts
    group by service_provider_name
    having count(*) = 1

),

charge_rows as (

    select
        charge_date as usage_date,
        billing_month,
        team_id,
        service_provider_name,
        billing_account_id,
        ai_model_id,
        charge_category,
        billing_currency,
        billed_cost,
        effective_cost,
        list_cost,
        reporting_billed_cost,
        reporting_effective_cost,
        cast(null as decimal(38, 12)) as estimated_cost,
        cast(null as {{ dbt.type_string() }}) as measure,
        cast(0 as bigint) as quantity
    from allocated_charges

),

provider_rows as (

    select
        usage_by_team.usage_date,
        {{ month_of('usage_by_team.usage_date') }} as billing_month,
        usage_by_team.team_id,
        usage_by_team.service_provider_name,
        usage_by_team.billing_account_id,
        usage_by_team.ai_model_id,
        'Usage' as charge_category,
        coalesce(billing_accounts.billing_currency, usage_by_team.estimated_cost_currency) as billing_currency,
        cast(null as decimal(38, 12)) as billed_cost,
        cast(null as decimal(38, 12)) as effective_cost,
        cast(null as decimal(38, 12)) as list_cost,
        cast(null as decimal(38, 12)) as reporting_billed_cost,
        cast(null as decimal(38, 12)) as reporting_effective_cost,
        {{ in_currency('usage_by_team.estimated_contracted_cost', 'usage_by_team.estimated_cost_currency', 'billing_accounts.billing_currency') }} as estimated_cost,
        usage_by_team.measure,
        usage_by_team.quantity
    from usage_by_team
    left join billing_accounts
        on usage_by_team.service_provider_name = billing_accounts.service_provider_name
        and usage_by_team.billing_account_id = billing_accounts.billing_account_id
    {{ join_fx_rate('fx_rates', month_of('usage_by_team.usage_date'), 'usage_by_team.estimated_cost_currency', 'billing_accounts.billing_currency') }}

),

unreported as (

    select
        gateway_usage.usage_date,
        gateway_usage.team_id,
        gateway_usage.service_provider_name,
        gateway_usage.ai_model_id,
        gateway_usage.is_of_requests,
        {{ token_columns('gateway_usage.') }},
        gateway_usage.request_count,
        gateway_usage.estimated_contracted_cost,
        gateway_usage.estimated_cost_currency,
        {{ month_of('gateway_usage.usage_date') }} as usage_month,
        coalesce(gateway_usage.billing_account_id, sole_accounts.billing_account_id, 'unknown') as billing_account_id,
        coalesce(
            billing_accounts.billing_currency, sole_accounts.billing_currency, gateway_usage.estimated_cost_currency
        ) as billing_currency
    from gateway_usage
    left join billing_accounts
        on gateway_usage.service_provider_name = billing_accounts.service_provider_name
        and gateway_usage.billing_account_id = billing_accounts.billing_account_id
    left join sole_accounts
        on gateway_usage.billing_account_id is null
        and gateway_usage.service_provider_name = sole_accounts.service_provider_name

),

unreported_costs as (

    select
        unreported.*,
        {{ in_currency('unreported.estimated_contracted_cost', 'unreported.estimated_cost_currency', 'unreported.billing_currency') }} as estimated_cost
    from unreported
    {{ join_fx_rate('fx_rates', 'unreported.usage_month', 'unreported.estimated_cost_currency', 'unreported.billing_currency') }}

),

gateway_rows as (

    {% for measure in token_classes() + ['requests', 'estimated_cost'] %}
    select
        usage_date,
        usage_month as billing_month,
        team_id,
        service_provider_name,
        billing_account_id,
        ai_model_id,
        'Usage' as charge_category,
        billing_currency,
        cast(null as decimal(38, 12)) as billed_cost,
        cast(null as decimal(38, 12)) as effective_cost,
        cast(null as decimal(38, 12)) as list_cost,
        cast(null as decimal(38, 12)) as reporting_billed_cost,
        cast(null as decimal(38, 12)) as reporting_effective_cost,
        {% if measure == 'requests' %}
        cast(null as decimal(38, 12)) as estimated_cost,
        'requests' as measure,
        request_count as quantity
        {% elif measure == 'estimated_cost' %}
        estimated_cost,
        cast(null as {{ dbt.type_string() }}) as measure,
        cast(0 as bigint) as quantity
        {% else %}
        cast(null as decimal(38, 12)) as estimated_cost,
        '{{ measure }}' as measure,
        {{ measure }}_tokens as quantity
        {% endif %}
    from unreported_costs
    where {{ '' if measure == 'requests' else 'not ' }}is_of_requests
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

unioned as (

    select * from charge_rows
    union all
    select * from provider_rows
    union all
    select * from gateway_rows

),

grouped as (

    select
        usage_date,
        billing_month,
        team_id,
        service_provider_name,
        billing_account_id,
        ai_model_id,
        charge_category,
        billing_currency,
        cast(sum(billed_cost) as decimal(38, 12)) as billed_cost,
        cast(sum(effective_cost) as decimal(38, 12)) as effective_cost,
        cast(sum(list_cost) as decimal(38, 12)) as list_cost,
        {{ sum_of_known('reporting_billed_cost', 'billed_cost') }} as reporting_billed_cost,
        {{ sum_of_known('reporting_effective_cost', 'effective_cost') }} as reporting_effective_cost,
        cast(sum(estimated_cost) as decimal(38, 12)) as estimated_cost,
        cast(sum(case when measure = 'requests' then quantity end) as bigint) as request_count,
        {{ pivot_token_classes('quantity', 'measure') }}
    from unioned
    group by
        usage_date,
        billing_month,
        team_id,
        service_provider_name,
        billing_account_id,
        ai_model_id,
        charge_category,
        billing_currency

),

final as (

    select
        grouped.usage_date,
        grouped.billing_month,
        grouped.team_id,
        coalesce(teams.team_name, grouped.team_id) as team_name,
        teams.cost_center_id,
        grouped.service_provider_name,
        grouped.billing_account_id,
        grouped.ai_model_id,
        grouped.charge_category,
        grouped.billing_currency,
        grouped.billed_cost,
        grouped.effective_cost,
        grouped.list_cost,
        {{ reporting_currency() }} as reporting_currency,
        grouped.reporting_billed_cost,
        grouped.reporting_effective_cost,
        grouped.estimated_cost,
        grouped.request_count,
        {{ token_columns('grouped.') }},
        {{ token_total('grouped.') }} as total_tokens
    from grouped
    left join teams
        on grouped.team_id = teams.team_id
        and grouped.usage_date >= teams.valid_from
        and grouped.usage_date < teams.valid_to

)

select * from final
