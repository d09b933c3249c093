with current_llm_logs as (

    select * from {{ source('azure_apim', 'current_llm_logs') }}

),

final as (

    select {{ azure_apim_call_columns() | join(', ') }}
    from current_llm_logs

)

select * from final
