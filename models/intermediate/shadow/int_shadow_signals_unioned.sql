-- One line a kind of signal: the only place to touch when one is added.
{% set models = [
    ref('int_network__signals'),
    ref('int_identity__signals'),
    ref('int_card__signals'),
    ref('int_provider__signals'),
    ref('int_credential__signals'),
    ref('int_tool__signals'),
] %}

{% for model in models %}
select {{ shadow_signal_shape() | join(', ') }} from {{ model }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
