-- Whether a line is explained within its tolerance, and who signed it off. A sign-off is for an amount, over all
-- lines that it names: it holds while what is unexplained of them, on either basis, is that amount still.
with lines as (

    select
        lines.*,
        tolerances.tolerance_amount,
        tolerances.tolerance_share,
        greatest(
            tolerances.tolerance_amount,
            {{ times_share('abs(coalesce(lines.invoice_cost, 0))', 'tolerances.tolerance_share') }}
        ) as tolerance_cost
    from {{ ref('int_reconciliation_lines') }} as lines
    inner join {{ ref('int_reconciliation_tolerances') }} as tolerances
        on lines.billing_month = tolerances.billing_month
        and lines.service_provider_name = tolerances.service_provider_name
        and lines.billing_account_id = tolerances.billing_account_id
        and lines.billing_currency = tolerances.billing_currency

),

meant as (

    select
        {%- for name in line_columns() %}
        lines.{{ name }},
        {%- endfor %}
        lines.invoice_cost,
        lines.unexplained_cost,
        lines.effective_unexplained_cost,
        lines.tolerance_amount,
        lines.tolerance_share,
        signoffs.source_line,
        signoffs.unexplained_cost as signed_cost,
        signoffs.effective_unexplained_cost as effective_signed_cost,
        signoffs.signed_off_by,
        signoffs.signed_off_on,
        signoffs.reason
    from lines
    inner join {{ ref('stg_org__reconciliation_signoffs') }} as signoffs
        on lines.billing_month = signoffs.billing_month
        and lines.service_provider_name = signoffs.service_provider_name
        and lines.billing_account_id = signoffs.billing_account_id
        and lines.billing_currency = signoffs.billing_currency
        and (signoffs.ai_model_id is null or lines.ai_model_id = signoffs.ai_model_id)
        and (signoffs.token_class is null or lines.token_class = signoffs.token_class)
        and (signoffs.service_tier is null or lines.service_tier = signoffs.service_tier)

),

signed as (

    select
        source_line,
        case
            when abs(sum(unexplained_cost) - max(signed_cost))
                <= greatest(
                    max(tolerance_amount),
                    {{ times_share('abs(coalesce(sum(invoice_cost), 0))', 'max(tolerance_share)') }}
                )
                and abs(sum(effective_unexplained_cost) - max(effective_signed_cost))
                <= greatest(
                    max(tolerance_amount),
                    {{ times_share('abs(coalesce(sum(invoice_cost), 0))', 'max(tolerance_share)') }}
                )
                then 1
            else 0
        end as does_hold
    from meant
    group by source_line

),

ranked as (

    select
        {%- for name in line_columns() %}
        meant.{{ name }},
        {%- endfor %}
        signed.does_hold,
        meant.signed_off_by,
        meant.signed_off_on,
        meant.reason,
        row_number() over (
            partition by
                meant.{{ line_columns() | join(',\n                meant.') }}
            order by signed.does_hold desc, meant.signed_off_on desc, meant.source_line desc
        ) as place
    from meant
    inner join signed
        on meant.source_line = signed.source_line

),

final as (

    select
        {%- for name in line_columns() %}
        lines.{{ name }},
        {%- endfor %}
        lines.tolerance_cost,
        case
            when abs(lines.unexplained_cost) <= lines.tolerance_cost
                and abs(lines.effective_unexplained_cost) <= lines.tolerance_cost
                then 'explained'
            when ranked.does_hold = 1 then 'signed_off'
            else 'open'
        end as reconciliation_status,
        ranked.signed_off_by,
        ranked.signed_off_on,
        ranked.reason as sign_off_reason,
        coalesce(ranked.does_hold = 0, false) as has_lapsed_sign_off
    from lines
    left join ranked
        on {{ same_line('lines', 'ranked') }}
        and ranked.place = 1

)

select * from final
