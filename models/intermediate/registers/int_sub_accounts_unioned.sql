-- One line a provider that lists its projects or workspaces: the only place to touch when one is added.
{% set models = [
    ref('int_openai__sub_accounts'),
] %}

{% for model in models %}
select * from {{ model }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
