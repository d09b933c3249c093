-- One line a source that lists seats: the only place to touch when one is added.
{% set models = [
    ref('int_github_copilot__seats'),
    ref('int_enterprise_seats__seats'),
] %}

{% for model in models %}
select * from {{ model }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
