{# The columns of API Management's log of calls, as its two staging models have them. #}
{% macro azure_apim_call_columns() %}
    {{ return([
        'load_unit_id', 'source_line', '_dlt_load_id', 'correlation_id', 'response_id', 'started_at',
        'operation_name', 'region', 'deployment_name', 'model_name', 'prompt_tokens', 'completion_tokens',
        'total_tokens',
    ]) }}
{% endmacro %}
