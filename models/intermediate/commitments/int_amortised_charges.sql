-- The charges of bills, with what is paid for in advance spread over its use where the bill does not do so itself and
-- commitments.csv names the purchase: the purchase has no effective cost, each part of a use that draws on it has its part
-- of the price, and what nobody used stands on a row of its own. What is billed stays where the bill has it.
{% set shared = ['billed_cost', 'effective_cost', 'list_cost', 'contracted_cost', 'consumed_quantity', 'pricing_quantity'] %}

with charges as (

    select * from {{ ref('int_billed_charges') }}

),

purchases as (

    select
        charge_id,
        commitment_id,
        commitment_name,
        commitment_kind,
        case when lower(committed_unit) = lower(billing_currency) then 'Spend' else 'Usage' end as commitment_category
    from {{ ref('int_commitment_purchases') }}

),

uses as (

    select
        uses.charge_id,
        uses.draw_place,
        uses.use_share,
        uses.used_quantity,
        uses.used_cost,
        costs.commitment_id,
        costs.commitment_name,
        costs.commitment_kind,
        costs.committed_unit,
        case costs.counted_in when 'money' then 'Spend' when 'tokens' then 'Usage' end as commitment_category,
        row_number() over (partition by uses.charge_id order by uses.draw_place) as place
    from {{ ref('int_commitment_uses') }} as uses
    left join {{ ref('int_commitment_costs') }} as costs
        on uses.billing_month = costs.billing_month
        and uses.service_provider_name = costs.service_provider_name
        and uses.billing_account_id = costs.billing_account_id
        and uses.commitment_id = costs.commitment_id
        and uses.billing_currency = costs.billing_currency

),

rests as (

    select
        *,
        md5(concat_ws(
            '|', 'commitment', service_provider_name, billing_account_id, commitment_id, billing_currency,
            cast(billing_month as {{ dbt.type_string() }})
        )) as rest_id
    from {{ ref('int_commitment_rests') }}

),

untouched as (

    select charges.*
    from charges
    anti join uses
        on charges.charge_id = uses.charge_id
    anti join purchases
        on charges.charge_id = purchases.charge_id

),

bought as (

    select
        charges.*,
        purchases.commitment_id,
        purchases.commitment_name,
        purchases.commitment_kind,
        purchases.commitment_category
    from charges
    inner join purchases
        on charges.charge_id = purchases.charge_id

),

-- What its own prices ask is what a use costs without the commitment.
used as (

    select
        {% for column in charge_columns() if column not in shared -%}
        charges.{{ column }},
        {% endfor -%}
        {% for column in shared if column != 'contracted_cost' -%}
        charges.{{ column }},
        {% endfor -%}
        coalesce(charges.contracted_cost, case when charges.billed_cost <> 0 then charges.billed_cost end) as contracted_cost,
        uses.use_share,
        uses.used_quantity,
        uses.used_cost,
        uses.commitment_id,
        uses.commitment_name,
        uses.commitment_kind,
        uses.committed_unit,
        uses.commitment_category,
        uses.place
    from charges
    inner join uses
        on charges.charge_id = uses.charge_id

),

rounded as (

    select
        *,
    {% for column in shared -%}
    {{ times_share(column, 'use_share') }} as own_{{ column }}{{ ',' if not loop.last }}
    {% endfor %}
    from used

),

final as (

    select
        {{ charge_columns() | join(',\n        ') }},
        charge_id as origin_charge_id
    from untouched
    union all
    select
        {% for column in charge_columns() -%}
        {%- if column == 'effective_cost' -%}
        cast(0 as decimal(38, 12)) as effective_cost,
        {% elif column == 'pricing_currency_effective_cost' -%}
        cast(null as decimal(38, 12)) as {{ column }},
        {% elif column in ('commitment_discount_id', 'commitment_discount_name', 'commitment_discount_category', 'commitment_discount_type') -%}
        coalesce({{ column }}, {{ column | replace('discount_', '') | replace('_type', '_kind') }}) as {{ column }},
        {% else -%}
        {{ column }},
        {% endif -%}
        {% endfor -%}
        charge_id as origin_charge_id
    from bought
    union all
    select
        {% for column in charge_columns() -%}
        {%- if column == 'charge_id' -%}
        case when place = 1 then charge_id else md5(concat_ws('|', charge_id, coalesce(commitment_id, ''))) end as charge_id,
        {% elif column == 'effective_cost' -%}
        coalesce(used_cost, own_effective_cost) as effective_cost,
        {% elif column in shared -%}
        cast({{ with_remainder('own_' ~ column, column, 'charge_id', 'place') }} as decimal(38, 12)) as {{ column }},
        {% elif column == 'pricing_currency_effective_cost' -%}
        cast(null as decimal(38, 12)) as {{ column }},
        {% elif column == 'pricing_category' -%}
        case when commitment_id is null then pricing_category else 'Committed' end as pricing_category,
        {% elif column == 'commitment_discount_status' -%}
        case when commitment_id is not null then 'Used' end as commitment_discount_status,
        {% elif column == 'commitment_discount_quantity' -%}
        used_quantity as commitment_discount_quantity,
        {% elif column == 'commitment_discount_unit' -%}
        committed_unit as commitment_discount_unit,
        {% elif column.startswith('commitment_discount_') -%}
        {{ column | replace('discount_', '') | replace('_type', '_kind') }} as {{ column }},
        {% else -%}
        {{ column }},
        {% endif -%}
        {% endfor -%}
        charge_id as origin_charge_id
    from rounded
    union all
    select
        {% set values = {
            'source_name': "'org'", 'load_unit_id': 'load_unit_id', 'source_line': 'source_line', '_dlt_load_id': '_dlt_load_id',
            'charge_id': 'rest_id', 'service_provider_name': 'service_provider_name', 'host_provider_name': 'service_provider_name',
            'invoice_issuer_name': 'service_provider_name', 'billing_account_id': 'billing_account_id',
            'billing_period_start': 'cast(billing_month as timestamp)',
            'billing_period_end': 'cast(' ~ next_month('billing_month') ~ ' as timestamp)', 'billing_month': 'billing_month',
            'charge_period_start': 'cast(first_date as timestamp)',
            'charge_period_end': 'cast(' ~ next_month('billing_month') ~ ' as timestamp)', 'charge_date': 'first_date',
            'charge_category': "'Usage'",
            'charge_description': "coalesce(commitment_name, commitment_id) || case when is_unused then ', not used' else ', use not counted' end",
            'service_category': "'AI and Machine Learning'",
            'service_name': "coalesce(commitment_name, commitment_id) || case when is_unused then ' (not used)' else ' (use not counted)' end",
            'ai_model_id': "'none'", 'billing_currency': 'billing_currency', 'billed_cost': '0', 'effective_cost': 'rest_cost',
            'list_cost': '0', 'contracted_cost': '0', 'pricing_category': "'Committed'", 'commitment_discount_id': 'commitment_id',
            'commitment_discount_name': 'commitment_name', 'commitment_discount_type': 'commitment_kind',
            'commitment_discount_category': "case when counted_in = 'money' then 'Spend' else 'Usage' end",
            'commitment_discount_status': "case when is_unused then 'Unused' end",
            'commitment_discount_quantity': 'rest_quantity',
            'commitment_discount_unit': 'case when rest_quantity is not null then committed_unit end', 'tags': "'{}'",
        } %}
        {% set types = dict(charge_shape(), billing_month='date', charge_date='date', ai_model_id='text', context_tier_start='bigint') %}
        {% for column in charge_columns() -%}
        {{ typed(values.get(column), types[column]) }} as {{ column }},
        {% endfor -%}
        rest_id as origin_charge_id
    from rests

)

select * from final
