-- Three things that can be wrong with a key: nobody registered it, it went on after its end, two systems use it. Where an organisation keeps no
-- register of such keys, none of them is missing in it.
with credential_use as (

    select * from {{ ref('int_credential_use') }}

),

register as (

    select * from {{ ref('int_credential_register') }}

),

credentials as (

    select * from {{ ref('dim_credentials') }}

),

shared_days as (

    select * from {{ ref('int_shared_credential_days') }}

),

services as (

    select * from {{ ref('int_provider_services') }}

),

gateways as (

    select distinct issuer_name
    from credential_use
    where is_gateway_key

),

-- A gateway's virtual keys are registered, or not, gateway by gateway; of providers one register has the keys of all.
kept_registers as (

    select distinct
        gateways.issuer_name
    from register
    left join gateways
        on register.service_provider_name = gateways.issuer_name
    where register.service_provider_name is not null

),

unregistered as (

    select distinct
        credential_use.issuer_name,
        credential_use.credential_id
    from credential_use
    inner join kept_registers
        on case when credential_use.is_gateway_key then credential_use.issuer_name end is not distinct from kept_registers.issuer_name
    anti join register
        on credential_use.credential_id = register.credential_id
        and credential_use.issuer_name = coalesce(register.service_provider_name, credential_use.issuer_name)

),

-- By one register: its periods of the key are over on that day, and none has begun anew.
past_register as (

    select
        credential_use.issuer_name,
        credential_use.credential_id,
        credential_use.usage_date
    from credential_use
    inner join register
        on credential_use.credential_id = register.credential_id
        and credential_use.issuer_name = coalesce(register.service_provider_name, credential_use.issuer_name)
    where register.register_name in ('credentials', 'owners')
    group by credential_use.issuer_name, credential_use.credential_id, credential_use.usage_date, register.register_name
    having max(case when credential_use.usage_date >= register.valid_from and credential_use.usage_date < register.valid_to then 1 else 0 end) = 0
        and min(register.valid_to) <= credential_use.usage_date

),

past_list as (

    select
        credential_use.issuer_name,
        credential_use.credential_id,
        credential_use.usage_date
    from credential_use
    inner join credentials
        on credential_use.issuer_name = credentials.service_provider_name
        and credential_use.credential_id = credentials.credential_id
    where credential_use.usage_date > credentials.delisted_date

),

retired as (

    select * from past_register
    union
    select * from past_list

),

flagged as (

    select
        'unregistered_key' as signal_kind,
        credential_use.*
    from credential_use
    semi join unregistered
        on credential_use.issuer_name = unregistered.issuer_name
        and credential_use.credential_id = unregistered.credential_id
    union all
    select
        'retired_key' as signal_kind,
        credential_use.*
    from credential_use
    semi join retired
        on credential_use.issuer_name = retired.issuer_name
        and credential_use.credential_id = retired.credential_id
        and credential_use.usage_date = retired.usage_date
    where credential_use.is_use
    union all
    select
        'shared_key' as signal_kind,
        credential_use.*
    from credential_use
    semi join shared_days
        on credential_use.issuer_name = shared_days.gateway_name
        and credential_use.credential_id = shared_days.credential_id
        and credential_use.usage_date = shared_days.usage_date

),

final as (

    select
        {{ conformed_shadow_signal({
            'source_name': 'flagged.source_name',
            'load_unit_id': 'flagged.load_unit_id',
            'source_line': 'flagged.source_line',
            'usage_date': 'flagged.usage_date',
            'signal_family': "'provider'",
            'signal_kind': 'flagged.signal_kind',
            'ai_service_id': service_of_provider('services', 'flagged'),
            'is_use': 'flagged.is_use',
            'team_id': 'flagged.team_id',
            'owner_basis': 'flagged.owner_basis',
            'service_provider_name': 'flagged.service_provider_name',
            'billing_account_id': 'flagged.billing_account_id',
            'sub_account_id': 'flagged.sub_account_id',
            'credential_id': 'flagged.credential_id',
            'call_count': 'flagged.call_count',
            'cost_currency': 'flagged.cost_currency',
            'billed_cost': 'flagged.billed_cost',
            'estimated_cost': 'flagged.estimated_cost',
            'estimate_basis': "case when flagged.estimated_cost is not null then 'list_price' end",
        }) }}
    from flagged
    left join services
        on flagged.service_provider_name = services.service_provider_name

)

select * from final
