-- One line a bill that leaves charges out by a setting: the only place to touch when one is added.
{% set models = [
    ref('stg_aws_cur__left_out'),
] %}

{% for model in models %}
select * from {{ model }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
