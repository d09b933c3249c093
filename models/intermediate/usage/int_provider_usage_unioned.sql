-- One line a provider's usage report: the only place to touch when one is added.
{% set models = models_of_loaded_sources([
    'int_openai__usage',
    'int_anthropic__usage',
    'int_openrouter__usage',
]) %}

{% for model in models %}
select * from {{ model }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
