-- What went past every gateway: the same charges, to the last digit, and the same usage that shadow_spend_month has.
with provider_use as (

    select * from {{ ref('int_provider_use') }}

),

bypassing as (

    select * from {{ ref('int_bypassing_credentials') }}

),

services as (

    select * from {{ ref('int_provider_services') }}

),

matched as (

    select
        provider_use.source_name,
        provider_use.load_unit_id,
        provider_use.source_line,
        provider_use.usage_date,
        provider_use.team_id,
        provider_use.service_provider_name,
        provider_use.billing_account_id,
        provider_use.sub_account_id,
        provider_use.credential_id,
        provider_use.cost_currency,
        min(provider_use.owner_rule) as owner_rule,
        cast(sum(provider_use.call_count) as bigint) as call_count,
        cast(sum(provider_use.billed_cost) as decimal(38, 12)) as billed_cost,
        cast(sum(provider_use.estimated_cost) as decimal(38, 12)) as estimated_cost
    from provider_use
    inner join bypassing
        on provider_use.service_provider_name = bypassing.service_provider_name
        and provider_use.billing_account_id = bypassing.billing_account_id
        and coalesce(provider_use.credential_id, '') = coalesce(bypassing.credential_id, '')
        and provider_use.usage_date = bypassing.usage_date
        and (bypassing.ai_model_id is null or provider_use.ai_model_id = bypassing.ai_model_id)
    group by
        provider_use.source_name,
        provider_use.load_unit_id,
        provider_use.source_line,
        provider_use.usage_date,
        provider_use.team_id,
        provider_use.service_provider_name,
        provider_use.billing_account_id,
        provider_use.sub_account_id,
        provider_use.credential_id,
        provider_use.cost_currency

),

final as (

    select
        {{ conformed_shadow_signal({
            'source_name': 'matched.source_name',
            'load_unit_id': 'matched.load_unit_id',
            'source_line': 'matched.source_line',
            'usage_date': 'matched.usage_date',
            'signal_family': "'provider'",
            'signal_kind': "'bypassed_gateway'",
            'ai_service_id': service_of_provider('services', 'matched'),
            'team_id': 'matched.team_id',
            'owner_basis': "case when matched.team_id <> 'unallocated' then matched.owner_rule end",
            'service_provider_name': 'matched.service_provider_name',
            'billing_account_id': 'matched.billing_account_id',
            'sub_account_id': 'matched.sub_account_id',
            'credential_id': 'matched.credential_id',
            'call_count': 'matched.call_count',
            'cost_currency': 'matched.cost_currency',
            'billed_cost': 'matched.billed_cost',
            'estimated_cost': 'matched.estimated_cost',
            'estimate_basis': "case when matched.estimated_cost is not null then 'list_price' end",
        }) }}
    from matched
    left join services
        on matched.service_provider_name = services.service_provider_name

)

select * from final
