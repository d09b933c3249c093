-- One line a source that reports what persons used of a tool: the only place to touch when one is added.
{{ union_of_loaded_sources([
    'int_github_copilot__tool_usage',
    'int_enterprise_seats__tool_usage',
    'int_enterprise_seats__register_usage',
    'int_claude_code_analytics__tool_usage',
    'int_claude_code_otel__tool_usage',
], tool_usage_columns()) }}
