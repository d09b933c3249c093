with closes as (

    select * from {{ source('ledger', 'closes') }}

),

final as (

    select
        billing_month,
        close_number,
        closed_at,
        closed_by,
        is_forced,
        close_reason,
        open_line_count,
        close_sha256,
        previous_close_sha256,
        publication_id,
        published_at,
        data_complete_to,
        code_version,
        price_version,
        price_book_version,
        reporting_currency,
        load_unit_id,
        source_line,
        _dlt_load_id
    from closes

)

select * from final
