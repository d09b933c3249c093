{{ config(materialized='table') }}

-- Last month beside this month. The first month of the ledger has none before it: nobody knows whether it was nothing.
{% set node = ['billing_month', 'team_id', 'service_provider_name', 'ai_model_id', 'billed_unit', 'billing_currency'] %}
{% set leaf = ['token_class', 'service_tier', 'context_tier_start', 'is_one_off'] %}

with leaves as (

    select * from {{ ref('int_bridge_leaves') }}

),

ledger_months as (

    select
        min(billing_month) as first_month,
        max(billing_month) as last_month
    from {{ ref('fct_allocated_charges') }}

),

-- Providers bill reasoning as output: what was metered says how much of it was reasoning.
metered as (

    select
        {{ month_of('usage_date') }} as usage_month,
        team_id,
        service_provider_name,
        ai_model_id,
        cast(sum(reasoning_tokens) as bigint) as reasoning_tokens,
        cast(sum(output_tokens + reasoning_tokens) as bigint) as output_tokens
    from {{ ref('int_metered_usage_by_team') }}
    group by {{ month_of('usage_date') }}, team_id, service_provider_name, ai_model_id
    having sum(output_tokens + reasoning_tokens) > 0

),

sides as (

    select
        {{ next_month('billing_month') }} as billing_month,
        {{ (node[1:] + leaf) | join(',\n        ') }},
        1 as opening_count,
        0 as closing_count,
        billed_cost as opening_cost,
        cast(0 as decimal(38, 12)) as closing_cost,
        coalesce(quantity, cast(0 as decimal(38, 12))) as opening_quantity,
        cast(0 as decimal(38, 12)) as closing_quantity,
        case when quantity is null then 1 else 0 end as unmeasured_count
    from leaves
    union all
    select
        {{ (node + leaf) | join(',\n        ') }},
        0 as opening_count,
        1 as closing_count,
        cast(0 as decimal(38, 12)) as opening_cost,
        billed_cost as closing_cost,
        cast(0 as decimal(38, 12)) as opening_quantity,
        coalesce(quantity, cast(0 as decimal(38, 12))) as closing_quantity,
        case when quantity is null then 1 else 0 end as unmeasured_count
    from leaves

),

paired as (

    select
        {{ (node + leaf) | join(',\n        ') }},
        cast(sum(opening_count) as bigint) as opening_count,
        cast(sum(closing_count) as bigint) as closing_count,
        cast(sum(opening_cost) as decimal(38, 12)) as opening_cost,
        cast(sum(closing_cost) as decimal(38, 12)) as closing_cost,
        cast(sum(opening_quantity) as decimal(38, 12)) as opening_quantity,
        cast(sum(closing_quantity) as decimal(38, 12)) as closing_quantity,
        cast(sum(unmeasured_count) as bigint) as unmeasured_count
    from sides
    where billing_month > (select first_month from ledger_months)
        and billing_month <= (select last_month from ledger_months)
    group by {{ (node + leaf) | join(', ') }}

),

-- A class whose quantity is unknown in one of the months is unmeasured in both, or it would seem to come and go.
judged as (

    select
        paired.*,
        sum(paired.unmeasured_count) over (
            partition by
                {% for column in node %}
                paired.{{ column }},
                {% endfor %}
                paired.token_class,
                paired.is_one_off
        ) = 0 as is_measured,
        {{ share_of('opening_metered.reasoning_tokens', 'opening_metered.output_tokens') }} as opening_reasoning_share,
        {{ share_of('closing_metered.reasoning_tokens', 'closing_metered.output_tokens') }} as closing_reasoning_share
    from paired
    left join metered as opening_metered
        on paired.billing_month = {{ next_month('opening_metered.usage_month') }}
        and paired.team_id = opening_metered.team_id
        and paired.service_provider_name = opening_metered.service_provider_name
        and paired.ai_model_id = opening_metered.ai_model_id
    left join metered as closing_metered
        on paired.billing_month = closing_metered.usage_month
        and paired.team_id = closing_metered.team_id
        and paired.service_provider_name = closing_metered.service_provider_name
        and paired.ai_model_id = closing_metered.ai_model_id

),

-- Split off where both months tell: a month without metering would look like one without reasoning.
reasoned as (

    select
        *,
    {% for side in ('opening', 'closing') -%}
    {{ times_share(side ~ '_cost', side ~ '_reasoning_share') }} as {{ side }}_reasoning_cost,
    cast({{ times_share(side ~ '_quantity', side ~ '_reasoning_share') }} as decimal(38, 6)) as {{ side }}_reasoning_quantity{{ ',' if not loop.last }}
    {% endfor %}
    from judged
    where token_class = 'output'
        and billed_unit = 'Tokens'
        and is_measured
        and opening_reasoning_share + closing_reasoning_share > 0

),

split as (

    select
        {{ (node + leaf) | join(',\n        ') }},
        opening_count,
        closing_count,
        opening_cost,
        closing_cost,
        opening_quantity,
        closing_quantity,
        is_measured
    from judged
    where not coalesce(
            token_class = 'output' and billed_unit = 'Tokens' and is_measured
            and opening_reasoning_share + closing_reasoning_share > 0, false
        )
    union all
    select
        {{ (node + leaf) | join(',\n        ') }},
        opening_count,
        closing_count,
        opening_cost - opening_reasoning_cost as opening_cost,
        closing_cost - closing_reasoning_cost as closing_cost,
        opening_quantity - opening_reasoning_quantity as opening_quantity,
        closing_quantity - closing_reasoning_quantity as closing_quantity,
        is_measured
    from reasoned
    union all
    select
        {{ node | join(',\n        ') }},
        'reasoning' as token_class,
        {{ leaf[1:] | join(',\n        ') }},
        opening_count,
        closing_count,
        opening_reasoning_cost as opening_cost,
        closing_reasoning_cost as closing_cost,
        opening_reasoning_quantity as opening_quantity,
        closing_reasoning_quantity as closing_quantity,
        is_measured
    from reasoned

),

final as (

    select
        {{ (node + leaf) | join(',\n        ') }},
        is_measured,
        opening_count > 0 as is_in_opening,
        closing_count > 0 as is_in_closing,
        opening_cost,
        closing_cost,
        opening_quantity,
        closing_quantity
    from split

)

select * from final
