-- One line a bill that leaves charges out by a setting: the only place to touch when one is added.
{% set models = models_of_loaded_sources([
    'stg_aws_cur__left_out',
    'stg_gcp_billing__left_out',
]) %}

{% for model in models %}
select * from {{ model }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
{% if not models %}
select
    cast(null as {{ dbt.type_string() }}) as source_name,
    cast(null as {{ dbt.type_string() }}) as load_unit_id,
    cast(null as bigint) as source_line,
    cast(null as {{ dbt.type_string() }}) as _dlt_load_id,
    cast(null as {{ dbt.type_string() }}) as service_provider_name,
    cast(null as {{ dbt.type_string() }}) as billing_account_id,
    cast(null as timestamp) as billing_period_start,
    cast(null as {{ dbt.type_string() }}) as service_name,
    cast(null as {{ dbt.type_string() }}) as charge_kind,
    cast(null as {{ dbt.type_string() }}) as billing_currency,
    cast(null as bigint) as charge_count,
    cast(null as decimal(38, 12)) as billed_cost
where false
{% endif %}
