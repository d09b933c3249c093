-- One line a kind of serving engine: the only place to touch when one is added.
{% set models = [
    ref('stg_vllm__samples'),
] %}

{% for model in models %}
select * from {{ model }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
