{{ config(materialized='table') }}

-- What a team's calls of a model were for: tokens by user, agent, customer and tag. Beyond the largest values of a month, and
-- the largest keys, nothing is told apart: names that every call has a new one of would make as many rows as calls.
{% set largest_values = 1000 %}
{% set largest_keys = 50 %}
{% set cell = ['usage_month', 'team_id', 'service_provider_name', 'ai_model_id', 'token_class'] %}

with usage_months as (

    select * from {{ ref('int_caller_usage_month') }}

),

tag_values as (

    select * from {{ ref('int_request_tag_values') }}

),

named as (

    {% for dimension, column in {'user': 'user_id', 'agent': 'agent_id', 'customer': 'end_user_id'}.items() %}
    select
        usage_month,
        team_id,
        service_provider_name,
        ai_model_id,
        '{{ dimension }}' as cost_dimension,
        '{{ dimension }}' as dimension_key,
        {{ column }} as dimension_value,
        {{ sum_token_columns() }},
        cast(1 as bigint) as value_count,
        cast(1 as bigint) as place
    from usage_months
    where {{ column }} is not null
    group by usage_month, team_id, service_provider_name, ai_model_id, {{ column }}
    union all
    {% endfor %}
    select
        usage_months.usage_month,
        usage_months.team_id,
        usage_months.service_provider_name,
        usage_months.ai_model_id,
        'tag' as cost_dimension,
        tag_values.tag_key as dimension_key,
        tag_values.tag_value as dimension_value,
        {{ sum_token_columns('usage_months.') }},
        tag_values.value_count,
        tag_values.place
    from usage_months
    inner join tag_values
        on usage_months.request_tags = tag_values.request_tags
    group by
        usage_months.usage_month,
        usage_months.team_id,
        usage_months.service_provider_name,
        usage_months.ai_model_id,
        usage_months.request_tags,
        tag_values.tag_key,
        tag_values.tag_value,
        tag_values.value_count,
        tag_values.place

),

-- Split evenly, in whole tokens; the first by name takes what is left.
measured as (

    {% for token_class in token_classes() %}
    select
        usage_month,
        team_id,
        service_provider_name,
        ai_model_id,
        {{ billed_class("'" ~ token_class ~ "'") }} as token_class,
        cost_dimension,
        dimension_key,
        dimension_value,
        case
            when value_count = 1 then {{ token_class }}_tokens
            else {{ even_part(token_class ~ '_tokens', 'value_count', 'place') }}
        end as tokens
    from named
    where {{ token_class }}_tokens > 0
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

summed as (

    select
        {{ cell | join(',\n        ') }},
        cost_dimension,
        dimension_key,
        dimension_value,
        cast(sum(tokens) as bigint) as tokens
    from measured
    group by {{ cell | join(', ') }}, cost_dimension, dimension_key, dimension_value

),

value_sizes as (

    select
        usage_month,
        cost_dimension,
        dimension_key,
        dimension_value,
        sum(tokens) as tokens
    from summed
    group by usage_month, cost_dimension, dimension_key, dimension_value

),

key_sizes as (

    select
        usage_month,
        cost_dimension,
        dimension_key,
        row_number() over (partition by usage_month, cost_dimension order by sum(tokens) desc, dimension_key) as key_rank
    from value_sizes
    group by usage_month, cost_dimension, dimension_key

),

ranked as (

    select
        value_sizes.usage_month,
        value_sizes.cost_dimension,
        value_sizes.dimension_key,
        value_sizes.dimension_value,
        row_number() over (
            partition by value_sizes.usage_month, value_sizes.cost_dimension, value_sizes.dimension_key
            order by value_sizes.tokens desc, value_sizes.dimension_value
        ) as value_rank
    from value_sizes
    inner join key_sizes
        on value_sizes.usage_month = key_sizes.usage_month
        and value_sizes.cost_dimension = key_sizes.cost_dimension
        and value_sizes.dimension_key = key_sizes.dimension_key
        and key_sizes.key_rank <= {{ largest_keys }}

),

final as (

    select
        {% for column in cell -%}
        summed.{{ column }},
        {% endfor -%}
        summed.cost_dimension,
        summed.dimension_key,
        case when ranked.value_rank <= {{ largest_values }} then summed.dimension_value else 'other' end as dimension_value,
        case when ranked.value_rank <= {{ largest_values }} then 'value' else 'other' end as value_kind,
        cast(sum(summed.tokens) as bigint) as tokens
    from summed
    inner join ranked
        on summed.usage_month = ranked.usage_month
        and summed.cost_dimension = ranked.cost_dimension
        and summed.dimension_key = ranked.dimension_key
        and summed.dimension_value = ranked.dimension_value
    group by
        {% for column in cell -%}
        summed.{{ column }},
        {% endfor -%}
        summed.cost_dimension,
        summed.dimension_key,
        case when ranked.value_rank <= {{ largest_values }} then summed.dimension_value else 'other' end,
        case when ranked.value_rank <= {{ largest_values }} then 'value' else 'other' end

)

select * from final
