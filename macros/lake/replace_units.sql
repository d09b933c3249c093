{#
    Pre-hook of models that hold the current state of load units: takes out the units that arrived
    again, also those that arrived empty, in the transaction that adds their new rows.
#}
{% macro replace_arrived_units() %}
    {% if is_incremental() %}
        delete from {{ this }}
        where exists (
            select 1
            from {{ ref('int_units_arrived') }} as arrived
            where arrived.source_name = {{ this.identifier }}.source_name
                and arrived.load_unit_id = {{ this.identifier }}.load_unit_id
        )
    {% endif %}
{% endmacro %}
