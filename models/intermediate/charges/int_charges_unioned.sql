-- One line a bill: the only place to touch when one is added.
{{ union_of_loaded_sources([
    'int_openai__charges',
    'int_anthropic__charges',
    'int_focus__charges',
    'int_invoices__charges',
    'int_aws_cur__charges',
    'int_gcp_billing__charges',
    'int_openrouter__charges',
    'int_cursor__charges',
    'int_github_copilot__charges',
    'int_enterprise_seats__charges',
    'int_gpu_costs__charges',
], charge_shape()) }}
