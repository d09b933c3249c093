-- One line a gateway or tool: the only place to touch when one is added.
{% set models = [
    ref('int_litellm__requests'),
] %}

{% for model in models %}
select * from {{ model }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
