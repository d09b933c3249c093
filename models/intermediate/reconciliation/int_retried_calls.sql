-- Attempts that a gateway gave up on without an answer, and so without tokens, that the provider served all the
-- same: it counts more calls of the model than succeeded, and more tokens. Of those tokens the part that the
-- failed attempts are of the calls too many.
with moves as (

    select * from {{ ref('int_count_moves') }}
    where tokens_left > 0

),

-- Gateways' calls are told by provider: they are those of the account that they are billed to.
counted_calls as (

    select
        reported.service_provider_name,
        reported.billing_account_id,
        reported.ai_model_id,
        reported.usage_date,
        cast(sum(reported.request_count) as bigint) as counted_call_count
    from {{ ref('int_reported_lines_day') }} as reported
    inner join {{ ref('int_gateway_accounts') }} as gateway_accounts
        on reported.service_provider_name = gateway_accounts.service_provider_name
        and reported.billing_account_id = gateway_accounts.billing_account_id
    where reported.request_count is not null
        and not reported.is_bypassing
    group by reported.service_provider_name, reported.billing_account_id, reported.ai_model_id, reported.usage_date

),

succeeded_calls as (

    select
        service_provider_name,
        ai_model_id,
        usage_date,
        cast(sum(quantity) as bigint) as succeeded_call_count
    from {{ ref('int_gateway_mix') }}
    where measure = 'requests'
    group by service_provider_name, ai_model_id, usage_date

),

failed_calls as (

    select
        service_provider_name,
        ai_model_id,
        usage_date,
        cast(sum(request_count - tokenless_request_count) as bigint) as failed_call_count,
        cast(sum(tokenless_request_count) as bigint) as tokenless_call_count,
        min(first_load_unit_id) as first_load_unit_id
    from {{ ref('int_request_exceptions_day') }}
    where exception_kind = 'failed'
        and observer_kind = 'gateway'
    group by service_provider_name, ai_model_id, usage_date

),

calls as (

    select
        counted_calls.service_provider_name,
        counted_calls.billing_account_id,
        counted_calls.ai_model_id,
        counted_calls.usage_date,
        failed_calls.tokenless_call_count,
        failed_calls.first_load_unit_id,
        counted_calls.counted_call_count - coalesce(succeeded_calls.succeeded_call_count, 0) - failed_calls.failed_call_count
            as surplus_call_count
    from counted_calls
    inner join failed_calls
        on counted_calls.service_provider_name = failed_calls.service_provider_name
        and counted_calls.ai_model_id = failed_calls.ai_model_id
        and counted_calls.usage_date = failed_calls.usage_date
    left join succeeded_calls
        on counted_calls.service_provider_name = succeeded_calls.service_provider_name
        and counted_calls.ai_model_id = succeeded_calls.ai_model_id
        and counted_calls.usage_date = succeeded_calls.usage_date

),

shared as (

    select
        moves.*,
        least(calls.tokenless_call_count, calls.surplus_call_count) as record_count,
        calls.first_load_unit_id,
        cast(
            {{ whole_part('moves.tokens_left', share_of('least(calls.tokenless_call_count, calls.surplus_call_count)', 'calls.surplus_call_count')) }}
            as bigint
        ) as retried_tokens
    from moves
    inner join calls
        on moves.service_provider_name = calls.service_provider_name
        and moves.billing_account_id = calls.billing_account_id
        and moves.ai_model_id = calls.ai_model_id
        and moves.counted_date = calls.usage_date
    where calls.surplus_call_count > 0
        and calls.tokenless_call_count > 0

),

final as (

    select
        {{ line_columns() | join(',\n        ') }},
        counted_date,
        first_load_unit_id,
        record_count,
        retried_tokens,
        {{ cost_of_tokens('counted_cost', 'retried_tokens', 'counted_tokens') }} as retried_cost
    from shared

)

select * from final
