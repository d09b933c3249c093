-- The tax of a line is a charge of its own: whoever pays the line does not always pay its tax.
with lines as (

    select
        lines.*,
        'net' as part,
        lines.billed_cost as cost,
        lines.charge_category as category
    from {{ ref('stg_invoices__lines') }} as lines
    union all
    select
        lines.*,
        'tax' as part,
        lines.tax_amount as cost,
        'Tax' as category
    from {{ ref('stg_invoices__lines') }} as lines
    where coalesce(lines.tax_amount, 0) <> 0
        and lines.quarantine_reason is null

),

final as (

    select
        {{ conformed_charge(
            {
                'source_name': "'invoices'",
                'service_provider_name': 'service_provider_name',
                'billing_account_id': 'billing_account_id',
                'sub_account_id': 'sub_account_id',
                'invoice_id': 'invoice_id',
                'billing_period_start': 'billing_period_start',
                'billing_period_end': 'billing_period_end',
                'charge_category': 'category',
                'charge_description': 'charge_description',
                'model_name': "case when part = 'net' then model_name end",
                'consumed_quantity': "case when part = 'net' and category = 'Usage' then consumed_quantity end",
                'consumed_unit': "case when part = 'net' and category = 'Usage' then consumed_unit end",
                'billing_currency': 'billing_currency',
                'billed_cost': 'cost',
                'tags': "coalesce(tags, '{}')",
                'quarantine_reason': 'quarantine_reason',
            },
            key="case when part = 'tax' then 'tax' end",
        ) }}
    from lines

)

select * from final
