-- What the calls of a system with a budget cost, by the price book: those of a user, agent, key and model in a day share the estimate
-- of all such calls by their tokens, or, without any, by their number.
{% set callers = [
    'usage_date', 'gateway_name', 'service_provider_name', 'ai_model_id', 'credential_id', 'gateway_team_id', 'user_id', 'agent_id',
] %}

with systems as (

    select distinct scope_id as ai_system_id
    from {{ ref('dim_budgets') }}
    where scope_kind = 'ai_system'

),

calls as (

    select
        {% for column in callers -%}
        calls.{{ column }},
        {% endfor -%}
        calls.ai_system_id,
        sum(calls.total_tokens) as total_tokens,
        sum(calls.request_count) as request_count
    from {{ ref('int_ai_system_calls') }} as calls
    inner join systems
        on calls.ai_system_id = systems.ai_system_id
    group by
        {% for column in callers -%}
        calls.{{ column }},
        {% endfor -%}
        calls.ai_system_id

),

all_calls as (

    select
        {{ callers | join(',\n        ') }},
        sum(total_tokens) as total_tokens,
        sum(request_count) as request_count
    from {{ ref('fct_caller_usage_day') }}
    where usage_date in (select usage_date from calls)
    group by {{ callers | join(', ') }}

),

estimates as (

    select
        {{ callers | join(',\n        ') }},
        estimated_cost_currency,
        cast(sum(estimated_contracted_cost) as decimal(38, 12)) as estimated_cost
    from {{ ref('fct_usage_hour') }}
    where not is_cache_hit
        and estimated_cost_currency is not null
        and usage_date in (select usage_date from calls)
    group by {{ callers | join(', ') }}, estimated_cost_currency

),

weighed as (

    select
        calls.usage_date,
        calls.ai_system_id,
        calls.service_provider_name,
        estimates.estimated_cost_currency,
        estimates.estimated_cost,
        case when all_calls.total_tokens > 0 then calls.total_tokens else calls.request_count end as own_count,
        case when all_calls.total_tokens > 0 then all_calls.total_tokens else all_calls.request_count end as whole_count
    from calls
    inner join all_calls
        on calls.usage_date = all_calls.usage_date
        {% for column in callers[1:] -%}
        and calls.{{ column }} is not distinct from all_calls.{{ column }}
        {% endfor %}
    inner join estimates
        on calls.usage_date = estimates.usage_date
        {% for column in callers[1:] -%}
        and calls.{{ column }} is not distinct from estimates.{{ column }}
        {% endfor %}

),

shared as (

    select
        *,
        case
            when own_count = whole_count then estimated_cost
            else {{ times_share('estimated_cost', share_of('own_count', 'whole_count')) }}
        end as own_cost
    from weighed

),

final as (

    select
        usage_date,
        ai_system_id,
        service_provider_name,
        estimated_cost_currency,
        cast(sum(own_cost) as decimal(38, 12)) as estimated_cost
    from shared
    group by usage_date, ai_system_id, service_provider_name, estimated_cost_currency

)

select * from final
