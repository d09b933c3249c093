-- One line a provider's usage report: the only place to touch when one is added.
{% set models = [
    ref('int_openai__usage'),
    ref('int_anthropic__usage'),
    ref('int_openrouter__usage'),
] %}

{% for model in models %}
select * from {{ model }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
