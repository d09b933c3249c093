-- Commitments that no bill tells of, by commitments.csv: each month that one is in force on a day of, beside what
-- its account used in it. A commitment of tokens is used by the provider's report, where the account's month has
-- none by what was metered; one of money (spend, prepaid credits) by the usage on the bill. Of other units nobody
-- counts the use: null. Nothing was used only where the account's month has a bill, or a line of tokens: else nobody knows.
{% set key = ['billing_month', 'service_provider_name', 'billing_account_id', 'commitment_id'] %}

with commitments as (

    select * from {{ ref('stg_org__commitments') }}

),

months as (

    select distinct calendar_month as billing_month
    from {{ ref('dim_dates') }}

),

dated as (

    select
        months.billing_month,
        commitments.*,
        case lower(commitments.committed_unit)
            when lower(commitments.currency) then 'money'
            when 'tokens' then 'tokens'
        end as counted_in,
        -- Renewed within a month: the later row counts for the whole of it.
        row_number() over (
            partition by
                months.billing_month, commitments.service_provider_name, commitments.billing_account_id, commitments.commitment_id
            order by commitments.valid_from desc, commitments.source_line desc
        ) as place
    from commitments
    inner join months
        on {{ month_of('commitments.valid_from') }} <= months.billing_month
        and (commitments.valid_to is null or commitments.valid_to > months.billing_month)

),

in_force as (

    select * from dated
    where place = 1

),

-- Gateway and provider may name another tier, class or model for the same tokens: one of the two counts for the
-- whole account and month, never one on this line and the other on that.
lines as (

    select
        *,
        max(provider_usage_tokens) over (partition by billing_month, service_provider_name, billing_account_id) is not null as is_reported
    from {{ ref('int_reconciliation_lines') }}

),

-- What is used of each model and tier, in both of what commitments count in.
cells as (

    select
        billing_month,
        service_provider_name,
        billing_account_id,
        ai_model_id,
        service_tier,
        'tokens' as counted_in,
        billing_currency as currency,
        cast(case when is_reported then coalesce(provider_usage_tokens, 0) else metered_tokens end as decimal(38, 12)) as quantity,
        case when is_reported then provider_usage_estimated_cost else metered_estimated_cost end as cost
    from lines
    -- What only the bill counts is no count of these two: the use is then not known, which is not none.
    where coalesce(provider_usage_tokens, metered_tokens, invoice_tokens) is not null
    union all
    select
        billing_month,
        service_provider_name,
        billing_account_id,
        ai_model_id,
        coalesce(service_tier, 'standard') as service_tier,
        'money' as counted_in,
        billing_currency as currency,
        coalesce(contracted_cost, billed_cost) as quantity,
        coalesce(contracted_cost, billed_cost) as cost
    from {{ ref('int_billed_charges') }}
    where charge_category = 'Usage'

),

uses as (

    select
        {% for name in key %}in_force.{{ name }}, {% endfor %}
        cast(sum(cells.quantity) as decimal(38, 12)) as quantity,
        -- One unknown price makes the whole unknown.
        cast(
            case
                when max(case when cells.quantity <> 0 and cells.cost is null then 1 else 0 end) = 0
                    and max(case when cells.quantity <> 0 and cells.currency <> in_force.currency then 1 else 0 end) = 0
                    then sum(cells.cost)
            end as decimal(38, 12)
        ) as cost
    from in_force
    inner join cells
        on in_force.billing_month = cells.billing_month
        and in_force.service_provider_name = cells.service_provider_name
        and in_force.billing_account_id = cells.billing_account_id
        and in_force.counted_in = cells.counted_in
        and (in_force.counted_in = 'tokens' or in_force.currency = cells.currency)
        and (in_force.ai_model_id is null or in_force.ai_model_id = cells.ai_model_id)
        and (in_force.service_tier is null or in_force.service_tier = cells.service_tier)
    group by
        in_force.billing_month, in_force.service_provider_name, in_force.billing_account_id, in_force.commitment_id

),

known as (

    {% for kind, model in {'money': ref('int_billed_charges'), 'tokens': ref('int_reconciliation_lines')}.items() %}
    select distinct
        billing_month,
        service_provider_name,
        billing_account_id,
        '{{ kind }}' as counted_in
    from {{ model }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

used as (

    select
        in_force.*,
        case
            when uses.commitment_id is not null then uses.quantity
            when known.counted_in is not null then cast(0 as decimal(38, 12))
        end as all_use,
        case
            when uses.commitment_id is not null then uses.cost
            when known.counted_in is not null then cast(0 as decimal(38, 12))
        end as all_use_cost
    from in_force
    left join known
        on in_force.billing_month = known.billing_month
        and in_force.service_provider_name = known.service_provider_name
        and in_force.billing_account_id = known.billing_account_id
        and in_force.counted_in = known.counted_in
    left join uses
        on in_force.billing_month = uses.billing_month
        and in_force.service_provider_name = uses.service_provider_name
        and in_force.billing_account_id = uses.billing_account_id
        and in_force.commitment_id = uses.commitment_id

),

ordered as (

    select
        *,
        case when ai_model_id is null then 0 else 1 end + case when service_tier is null then 0 else 1 end as names
    from used

),

-- Of commitments that share a use each takes what those before it left: the narrower first, then the older.
-- From a scope is taken at most its use, and where two only cross what lies in both: docs/decisions/reconciliation.md.
pairs as (

    select
        {% for name in key %}own.{{ name }}, {% endfor %}
        own.counted_in,
        own.currency,
        others.ai_model_id,
        others.service_tier,
        coalesce(own.ai_model_id, others.ai_model_id) as shared_model_id,
        coalesce(own.service_tier, others.service_tier) as shared_tier,
        own.names = 1 and others.names = 1 and (own.ai_model_id is null) <> (others.ai_model_id is null) as is_crossing,
        max(case when others.all_use > 0 then others.all_use else 0 end) as scope_use,
        cast(sum(others.committed_quantity) as decimal(38, 12)) as committed,
        cast(sum(
            case
                when others.names > own.names
                    or others.valid_from < own.valid_from
                    or (others.valid_from = own.valid_from and others.commitment_id < own.commitment_id)
                    then others.committed_quantity
                else 0
            end
        ) as decimal(38, 12)) as committed_before
    from ordered as own
    inner join ordered as others
        on own.billing_month = others.billing_month
        and own.service_provider_name = others.service_provider_name
        and own.billing_account_id = others.billing_account_id
        and own.counted_in = others.counted_in
        and (own.counted_in = 'tokens' or own.currency = others.currency)
        and (own.ai_model_id is null or others.ai_model_id is null or own.ai_model_id = others.ai_model_id)
        and (own.service_tier is null or others.service_tier is null or own.service_tier = others.service_tier)
        and own.names <= others.names
    group by
        own.billing_month, own.service_provider_name, own.billing_account_id, own.commitment_id, own.counted_in, own.currency,
        own.ai_model_id, own.service_tier, own.names, others.ai_model_id, others.service_tier, others.names

),

scopes as (

    select
        {% for name in key %}pairs.{{ name }}, {% endfor %}
        max(pairs.committed) as committed,
        max(pairs.committed_before) as committed_before,
        cast(
            case
                when not pairs.is_crossing then max(pairs.scope_use)
                when sum(cells.quantity) > 0 then sum(cells.quantity)
                else 0
            end as decimal(38, 12)
        ) as scope_use
    from pairs
    left join cells
        on pairs.is_crossing
        and pairs.billing_month = cells.billing_month
        and pairs.service_provider_name = cells.service_provider_name
        and pairs.billing_account_id = cells.billing_account_id
        and pairs.counted_in = cells.counted_in
        and (pairs.counted_in = 'tokens' or pairs.currency = cells.currency)
        and pairs.shared_model_id = cells.ai_model_id
        and pairs.shared_tier = cells.service_tier
    group by
        pairs.billing_month, pairs.service_provider_name, pairs.billing_account_id, pairs.commitment_id,
        pairs.ai_model_id, pairs.service_tier, pairs.is_crossing

),

taken as (

    select
        {{ key | join(', ') }},
        cast(sum(least(scope_use, committed_before)) as decimal(38, 12)) as taken_quantity,
        cast(sum(least(scope_use, committed)) as decimal(38, 12)) as paid_quantity
    from scopes
    group by {{ key | join(', ') }}

),

left_over as (

    select
        ordered.*,
        -- Refunds beyond the month's use are no use below nothing.
        cast({{ not_below_zero('ordered.all_use - coalesce(taken.taken_quantity, 0)') }} as decimal(38, 12)) as own_use,
        cast(
            case when ordered.all_use < taken.paid_quantity then ordered.all_use else taken.paid_quantity end as decimal(38, 12)
        ) as paid_quantity
    from ordered
    left join taken
        on ordered.billing_month = taken.billing_month
        and ordered.service_provider_name = taken.service_provider_name
        and ordered.billing_account_id = taken.billing_account_id
        and ordered.commitment_id = taken.commitment_id

),

covered as (

    select
        *,
        case when own_use > committed_quantity then committed_quantity else own_use end as used_quantity
    from left_over

),

shared as (

    select
        *,
        {{ share_of('used_quantity', 'committed_quantity', 12) }} as used_share,
        case when all_use > 0 then {{ share_of('used_quantity', 'all_use', 12) }} when all_use <= 0 then 0 end as covered_share,
        case when all_use > 0 then {{ share_of('paid_quantity', 'all_use', 12) }} when all_use <= 0 then 0 end as paid_share
    from covered

),

valued as (

    select
        *,
        {{ times_share('monthly_cost', 'used_share') }} as used_cost,
        {{ times_share('all_use_cost', 'covered_share') }} as on_demand_cost,
        {{ times_share('all_use_cost', 'paid_share') }} as paid_on_demand_cost
    from shared

),

final as (

    select
        billing_month,
        service_provider_name,
        billing_account_id,
        commitment_id,
        currency as billing_currency,
        commitment_name,
        commitment_kind,
        committed_unit as commitment_unit,
        committed_quantity as bought_quantity,
        used_quantity,
        cast(committed_quantity - used_quantity as decimal(38, 12)) as unused_quantity,
        monthly_cost as bought_cost,
        used_cost,
        cast(monthly_cost - used_cost as decimal(38, 12)) as unused_cost,
        on_demand_cost,
        cast(all_use_cost - paid_on_demand_cost as decimal(38, 12)) as uncovered_cost
    from valued

)

select * from final
