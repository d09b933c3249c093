-- What a seat costs against what it was used for. Of several reports of the same person's use one counts, the vendor's own
-- of all its products first: they saw the same calls. What was billed as API use is no use of the seat.
with seats as (

    select * from {{ ref('fct_seat_months') }}

),

sellers as (

    select distinct service_provider_name
    from seats

),

reported as (

    select
        seat_provider_name as service_provider_name,
        user_id,
        {{ month_of('usage_date') }} as billing_month,
        source_name,
        case report_scope when 'vendor' then 1 when 'product' then 2 else 3 end as report_rank,
        case when tells_tokens then total_tokens end as total_tokens,
        request_count,
        credit_quantity,
        case
            when total_tokens > 0 or coalesce(request_count, 0) > 0 or coalesce(session_count, 0) > 0
                or coalesce(interaction_count, 0) > 0 or coalesce(credit_quantity, 0) > 0
                then 1
            else 0
        end as has_use,
        api_list_cost,
        api_cost_currency,
        case when api_list_cost is null then total_tokens else 0 end as uncosted_tokens,
        case when api_list_cost is null and not tells_tokens then 1 else 0 end as lacks_tokens
    from {{ ref('fct_tool_usage') }}
    where user_id is not null
        and coalesce(customer_type, 'subscription') = 'subscription'

),

-- Calls that nobody but the tool itself saw.
seen_calls as (

    select
        coalesce(gateway_name, service_provider_name) as service_provider_name,
        user_id,
        {{ month_of('usage_date') }} as billing_month,
        source_name,
        4 as report_rank,
        total_tokens,
        1 as request_count,
        cast(null as decimal(38, 12)) as credit_quantity,
        1 as has_use,
        case when unpriced_tokens = 0 then estimated_list_cost end as api_list_cost,
        estimated_cost_currency as api_cost_currency,
        case when unpriced_tokens = 0 and estimated_list_cost is not null then 0 else total_tokens end as uncosted_tokens,
        0 as lacks_tokens
    from {{ ref('fct_requests') }}
    where observer_kind = 'tool'
        and user_id is not null

),

uses as (

    select * from reported
    union all
    select * from seen_calls

),

summed as (

    select
        uses.service_provider_name,
        uses.user_id,
        uses.billing_month,
        uses.source_name,
        uses.report_rank,
        sum(uses.total_tokens) as total_tokens,
        sum(uses.request_count) as request_count,
        sum(uses.credit_quantity) as credit_quantity,
        max(uses.has_use) as has_use,
        sum(uses.api_list_cost) as api_list_cost,
        min(uses.api_cost_currency) as first_currency,
        max(uses.api_cost_currency) as last_currency,
        sum(uses.uncosted_tokens) as uncosted_tokens,
        max(uses.lacks_tokens) as lacks_tokens
    from uses
    semi join sellers
        on uses.service_provider_name = sellers.service_provider_name
    group by uses.service_provider_name, uses.user_id, uses.billing_month, uses.source_name, uses.report_rank

),

-- Where a vendor reports on all persons, who is not in it did nothing.
reported_months as (

    select distinct service_provider_name, billing_month
    from summed
    where report_rank = 1

),

ranked as (

    select
        *,
        row_number() over (
            partition by service_provider_name, user_id, billing_month
            order by report_rank, total_tokens desc nulls last, source_name
        ) as place
    from summed

),

user_charges as (

    select
        charges.service_provider_name,
        charges.billing_month,
        {{ json_member('charges.tags', "'user'") }} as user_id,
        charges.billing_currency,
        charges.billed_cost
    from {{ ref('fct_charges') }} as charges
    semi join sellers
        on charges.service_provider_name = sellers.service_provider_name
    where charges.charge_category = 'Usage'
        and charges.tags <> '{}'

),

metered as (

    select
        service_provider_name,
        billing_month,
        user_id,
        sum(billed_cost) as metered_cost,
        min(billing_currency) as first_currency,
        max(billing_currency) as last_currency
    from user_charges
    where user_id is not null
    group by service_provider_name, billing_month, user_id

),

joined as (

    select
        seats.*,
        ranked.source_name as usage_source_name,
        ranked.total_tokens,
        ranked.request_count,
        ranked.credit_quantity,
        coalesce(ranked.uncosted_tokens, 0) as uncosted_tokens,
        coalesce(ranked.lacks_tokens, 0) as lacks_tokens,
        case when ranked.first_currency = ranked.last_currency then ranked.api_list_cost end as api_list_cost,
        case when ranked.first_currency = ranked.last_currency then ranked.first_currency end as api_cost_currency,
        coalesce(ranked.first_currency <> ranked.last_currency, false) as has_mixed_currency,
        case when metered.first_currency = metered.last_currency then metered.metered_cost end as metered_cost,
        case when metered.first_currency = metered.last_currency then metered.first_currency end as metered_currency,
        coalesce(metered.first_currency <> metered.last_currency, false) as has_mixed_metered,
        case
            when ranked.has_use = 1 or seats.is_active then true
            when seats.user_id is null or seats.tells_activity or ranked.user_id is not null
                or reported_months.billing_month is not null
                then false
        end as is_used
    from seats
    left join ranked
        on seats.service_provider_name = ranked.service_provider_name
        and seats.user_id = ranked.user_id
        and seats.billing_month = ranked.billing_month
        and ranked.place = 1
    left join metered
        on seats.service_provider_name = metered.service_provider_name
        and seats.user_id = metered.user_id
        and seats.billing_month = metered.billing_month
    left join reported_months
        on seats.service_provider_name = reported_months.service_provider_name
        and seats.billing_month = reported_months.billing_month

),

paid as (

    select
        *,
        not has_mixed_metered and coalesce(metered_currency = seat_cost_currency, metered_cost is null) as is_metered_comparable
    from joined

),

weighed as (

    select
        *,
        cast(
            case
                when is_metered_comparable
                    then cast(seat_cost as decimal(28, 12)) + cast(coalesce(metered_cost, 0) as decimal(28, 12))
            end as decimal(38, 12)
        ) as paid_cost
    from paid

),

reasoned as (

    select
        *,
        case
            when is_used is null then 'no_use_told'
            when not is_used then cast(null as {{ dbt.type_string() }})
            when seat_cost is null then 'no_seat_price'
            when has_mixed_currency or not is_metered_comparable
                or (api_list_cost is not null and api_cost_currency <> seat_cost_currency)
                then 'other_currency'
            -- A part that costs as much already decides.
            when api_list_cost >= paid_cost then cast(null as {{ dbt.type_string() }})
            when uncosted_tokens > 0 then 'unpriced_tokens'
            when api_list_cost is null or lacks_tokens = 1 then 'no_tokens'
        end as unknown_reason
    from weighed

),

final as (

    select
        billing_month,
        service_provider_name,
        billing_account_id,
        seat_user_id,
        user_id,
        plan_name,
        seat_count,
        assignment_count,
        seat_cost,
        seat_cost_currency,
        seat_price_source,
        cast(metered_cost as decimal(38, 12)) as metered_cost,
        metered_currency,
        paid_cost,
        last_activity_at,
        is_used,
        usage_source_name,
        credit_quantity,
        cast(request_count as bigint) as request_count,
        cast(total_tokens as bigint) as total_tokens,
        cast(uncosted_tokens as bigint) as uncosted_tokens,
        cast(api_list_cost as decimal(38, 12)) as api_list_cost,
        api_cost_currency,
        case
            when unknown_reason is not null then 'unknown'
            when not is_used then 'idle'
            when api_list_cost < paid_cost then 'cheaper_by_api'
            else 'used'
        end as seat_verdict,
        unknown_reason
    from reasoned

)

select * from final
