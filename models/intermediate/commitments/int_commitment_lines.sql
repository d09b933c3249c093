{% set key = 'service_provider_name, billing_account_id, commitment_id, currency' %}

-- The lines of commitments.csv that name their purchase, by months. Lines that share a month are one pool, of the kind and
-- unit of the last of them; what is left of a pool is lost with its last month.
with commitments as (

    select * from {{ ref('stg_org__commitments') }}
    where purchased_as is not null

),

dated as (

    select
        *,
        {{ month_of('valid_from') }} as first_month,
        -- What is open ends when nobody lives any more.
        coalesce({{ month_of('valid_to - interval 1 day') }}, cast('9000-12-01' as date)) as last_month
    from commitments

),

stepped as (

    select
        *,
        case
            when first_month <= lag(last_month) over (partition by {{ key }} order by valid_from) then 0
            else 1
        end as is_first
    from dated

),

numbered as (

    select
        *,
        sum(is_first) over (
            partition by {{ key }} order by valid_from rows between unbounded preceding and current row
        ) as pool_number
    from stepped

),

final as (

    select
        service_provider_name,
        billing_account_id,
        commitment_id,
        currency,
        commitment_name,
        {% for name in ['commitment_kind', 'committed_unit'] -%}
        first_value({{ name }}) over (partition by {{ key }}, pool_number order by valid_from desc) as {{ name }},
        {% endfor -%}
        ai_model_id,
        service_tier,
        committed_quantity,
        monthly_cost,
        valid_from,
        valid_to,
        purchased_as,
        owner_team_id,
        first_month,
        last_month,
        cast(pool_number as bigint) as pool_number,
        max(last_month) over (partition by {{ key }}, pool_number) as pool_last_month,
        load_unit_id,
        source_line,
        _dlt_load_id
    from numbered

)

select * from final
