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

final as (

    select
        {{ conformed_shadow_signal({
            'source_name': 'provider_use.source_name',
            'load_unit_id': 'provider_use.load_unit_id',
            'source_line': 'provider_use.source_line',
            'usage_date': 'provider_use.usage_date',
            'signal_family': "'provider'",
            'signal_kind': "'bypassed_gateway'",
            'ai_service_id': service_of_provider('services', 'provider_use'),
            'team_id': 'provider_use.team_id',
            'owner_basis': "case when provider_use.team_id <> 'unallocated' then provider_use.owner_rule end",
            'service_provider_name': 'provider_use.service_provider_name',
            'billing_account_id': 'provider_use.billing_account_id',
            'sub_account_id': 'provider_use.sub_account_id',
            'credential_id': 'provider_use.credential_id',
            'call_count': 'provider_use.call_count',
            'cost_currency': 'provider_use.cost_currency',
            'billed_cost': 'provider_use.billed_cost',
            'estimated_cost': 'provider_use.estimated_cost',
            'estimate_basis': "case when provider_use.estimated_cost is not null then 'list_price' end",
        }) }}
    from provider_use
    inner join bypassing
        on provider_use.service_provider_name = bypassing.service_provider_name
        and provider_use.billing_account_id = bypassing.billing_account_id
        and coalesce(provider_use.credential_id, '') = coalesce(bypassing.credential_id, '')
        and provider_use.usage_date = bypassing.usage_date
        and (bypassing.ai_model_id is null or provider_use.ai_model_id = bypassing.ai_model_id)
    left join services
        on provider_use.service_provider_name = services.service_provider_name

)

select * from final
