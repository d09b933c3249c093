-- One line a source that reports what persons used of a tool: the only place to touch when one is added.
{% set models = [
    ref('int_github_copilot__tool_usage'),
    ref('int_enterprise_seats__tool_usage'),
    ref('int_enterprise_seats__register_usage'),
    ref('int_claude_code_analytics__tool_usage'),
    ref('int_claude_code_otel__tool_usage'),
] %}

{% for model in models %}
select * from {{ model }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
