{#
    The columns are the grain: returns each key that stands more than once, and how often. `is_large`: the
    table grows with every call, and its keys as text do not fit into the memory of a build.
#}
{% test one_row_per(model, columns, is_large=false) %}
    {{ keys_that_repeat(model, columns) if is_large else keys_counted(model, columns) }}
{% endtest %}
