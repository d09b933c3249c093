with llm_logs as (

    select * from {{ source('azure_apim', 'llm_logs') }}

),

final as (

    select {{ azure_apim_call_columns() | join(', ') }}
    from llm_logs

)

select * from final
