{#
    What callers and AI systems share costs by, of a month, team, provider, model and token class: common table expressions `bought` (from
    bills, of each currency) and `metered` (from calls).
#}
{% macro bought_and_metered_tokens() -%}
bought as (

    select
        billing_month,
        team_id,
        service_provider_name,
        ai_model_id,
        token_class,
        billing_currency,
        -- Where of one part nobody knows how much was bought, nobody knows whose part of the whole is which.
        cast(
            case when count(*) = count(case when billed_unit = 'Tokens' then quantity end) then sum(quantity) end as decimal(38, 12)
        ) as quantity,
        count(*) as bought_count
    from {{ ref('int_bridge_leaves') }}
    where not is_one_off
    group by billing_month, team_id, service_provider_name, ai_model_id, token_class, billing_currency

),

metered as (

    select
        usage_month,
        team_id,
        service_provider_name,
        ai_model_id,
        {{ billed_class('token_class') }} as token_class,
        cast(sum(tokens) as bigint) as tokens
    from {{ ref('int_caller_class_tokens') }}
    group by usage_month, team_id, service_provider_name, ai_model_id, {{ billed_class('token_class') }}

)
{%- endmacro %}

{# The join of these to a row of `cells`; a cell of which nobody metered anything has no shares. #}
{% macro join_bought_and_metered_tokens() -%}
    inner join metered
        on cells.billing_month = metered.usage_month
        and cells.team_id = metered.team_id
        and cells.service_provider_name = metered.service_provider_name
        and cells.ai_model_id = metered.ai_model_id
        and cells.token_class = metered.token_class
    left join bought
        on cells.billing_month = bought.billing_month
        and cells.team_id = bought.team_id
        and cells.service_provider_name = bought.service_provider_name
        and cells.ai_model_id = bought.ai_model_id
        and cells.token_class = bought.token_class
        and cells.billing_currency = bought.billing_currency
{%- endmacro %}
