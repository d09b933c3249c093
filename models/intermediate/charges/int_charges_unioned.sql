-- One line a bill: the only place to touch when one is added.
{% set models = [
    ref('int_openai__charges'),
    ref('int_anthropic__charges'),
    ref('int_focus__charges'),
    ref('int_invoices__charges'),
    ref('int_aws_cur__charges'),
    ref('int_openrouter__charges'),
    ref('int_cursor__charges'),
] %}

{% for model in models %}
select * from {{ model }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
