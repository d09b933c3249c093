{# What a line of invoice_reconciliation_month is: docs/decisions/reconciliation.md. #}
{% macro line_columns() -%}
    {{ return([
        'billing_month', 'service_provider_name', 'billing_account_id', 'ai_model_id', 'token_class', 'service_tier',
        'billing_currency',
    ]) }}
{%- endmacro %}

{# Two relations' rows of the same line; `without`: columns that are not compared. #}
{% macro same_line(left, right, without=[]) -%}
    {%- for name in line_columns() if name not in without %}
    {{ 'and ' if not loop.first }}{{ left }}.{{ name }} = {{ right }}.{{ name }}
    {%- endfor %}
{%- endmacro %}

{# The closed list; `unexplained` is what they leave. `metered` is first: what the others correct. #}
{% macro reconciliation_causes() -%}
    {{ return([
        'metered', 'bypassed_gateway', 'served_tier', 'price_book', 'cache_semantics', 'duplicate',
        'failed_or_retried', 'non_token', 'time_boundary', 'discount_credit_tax', 'fx',
    ]) }}
{%- endmacro %}

{# Causes of which cash and accrual say different amounts: those that the bill's own lines are evidence of. #}
{% macro causes_by_cost_basis() -%}
    {{ return(['price_book', 'duplicate', 'non_token', 'time_boundary', 'discount_credit_tax', 'fx']) }}
{%- endmacro %}

{# The part of an amount that so many of its tokens bear; all of it where they are all, to the last digit. #}
{% macro cost_of_tokens(cost, tokens, all_tokens) -%}
    {{ times_share(cost, share_of(tokens, all_tokens)) }}
{%- endmacro %}

{#
    What is too much in some rows of a group and too little in others moved from the ones to the others: so many
    tokens of each row, below zero where they were taken away. Cut off where a part of them moved.
#}
{% macro tokens_moved(difference, group) -%}
    cast(
        case
            when {{ difference }} > 0
                then {{ whole_part(difference, share_of(tokens_that_moved(difference, group), tokens_beyond(difference, '>', group))) }}
            when {{ difference }} < 0
                then -{{ whole_part('-(' ~ difference ~ ')', share_of(tokens_that_moved(difference, group), tokens_beyond(difference, '<', group))) }}
            else 0
        end as bigint
    )
{%- endmacro %}

{% macro tokens_beyond(difference, sign, group) -%}
    cast(sum(case when {{ difference }} {{ sign }} 0 then abs({{ difference }}) else 0 end) over (partition by {{ group | join(', ') }}) as bigint)
{%- endmacro %}

{% macro tokens_that_moved(difference, group) -%}
    least({{ tokens_beyond(difference, '>', group) }}, {{ tokens_beyond(difference, '<', group) }})
{%- endmacro %}

{# The cost of tokens that moved: what came bears the price that the provider counts it at, what went what it was metered at. #}
{% macro cost_of_moved(tokens, row) -%}
    cast(
        case
            when {{ tokens }} > 0 then {{ cost_of_tokens(row ~ '.counted_cost', tokens, row ~ '.counted_tokens') }}
            when {{ tokens }} < 0 then -({{ cost_of_tokens(row ~ '.seen_cost', '-' ~ tokens, row ~ '.seen_tokens') }})
        end as decimal(38, 12)
    )
{%- endmacro %}

{# How much of a whole a part is, as a plain number for people; NULL where there is no whole. #}
{% macro ratio_of(part, whole) -%}
    cast({{ part }} as double) / nullif(cast({{ whole }} as double), 0)
{%- endmacro %}

{# An amount that refunds may take below zero, as a part of a whole: then none. NULL stays NULL, which greatest() would not keep. #}
{% macro not_below_zero(amount) -%}
    case when {{ amount }} < 0 then 0 else {{ amount }} end
{%- endmacro %}

{# Calls (of the touched days) that a provider answered: what the gateway's cache did is on no bill. #}
{% macro metered_calls(requests, of_touched_days) -%}
    not {{ requests }}.is_cache_hit
        {%- if of_touched_days %}
        and {{ requests }}.usage_date in (select usage_date from {{ ref('int_touched_dates') }})
        and {{ requests }}.usage_date >= (select min(usage_date) from {{ ref('int_touched_dates') }})
        {%- endif %}
{%- endmacro %}
