-- Per load unit and load: a lake relation has as many rows as its load said it wrote; one whose rows count
-- records (`meta.records` names the column) counts as many. Every relation
-- of every source is looked at by itself, with the loads that it is to show (`meta.reads`).
-- depends_on: {{ ref('stg_lake__load_units') }}
-- depends_on: {{ ref('stg_lake__arrived_load_units') }}
with load_units as (

    select
        *,
        row_number() over (partition by source_name, load_unit_id order by _dlt_load_id desc) as recency
    from {{ ref('stg_lake__load_units') }}

),

arrived as (

    select distinct source_name, load_unit_id, _dlt_load_id
    from {{ ref('stg_lake__arrived_load_units') }}

),

{% set relations = [] %}
{% if execute %}
{% for node in graph.sources.values() | sort(attribute='unique_id')
    if node.package_name == project_name and node.source_name != 'lake' %}
{% do relations.append({
    'relation': node.relation_name,
    'source_name': node.source_name,
    'relation_name': node.identifier,
    'table_name': node.config.get('meta', {}).get('table', node.identifier),
    'records': node.config.get('meta', {}).get('records'),
    'up_to': up_to_price_version(node),
    'reads': node.config.get('meta', {}).get('reads') or node.meta.get('reads', 'new'),
}) %}
{% endfor %}
{% endif %}

held as (

    {% for each in relations %}
    select
        '{{ each.source_name }}' as source_name,
        '{{ each.relation_name }}' as relation_name,
        load_unit_id,
        _dlt_load_id,
        {{ 'cast(sum(' ~ each.records ~ ') as bigint)' if each.records else 'count(*)' }} as row_count
    from {{ each.relation }}
    group by load_unit_id, _dlt_load_id
    union all
    {% endfor %}
    select
        source_name,
        'none' as relation_name,
        load_unit_id,
        _dlt_load_id,
        cast(0 as bigint) as row_count
    from load_units
    where false

),

told as (

    {% for each in relations %}
    select
        '{{ each.source_name }}' as source_name,
        '{{ each.relation_name }}' as relation_name,
        load_units.load_unit_id,
        load_units._dlt_load_id,
        load_units.records_loaded
    from {% if each.up_to %}(
        select
            *,
            row_number() over (partition by source_name, load_unit_id order by _dlt_load_id desc) as recency_held
        from load_units
        where true{{ each.up_to }}
    ) as load_units{% else %}load_units{% endif %}
    {% if each.reads == 'new' %}
    semi join arrived
        on load_units.source_name = arrived.source_name
        and load_units.load_unit_id = arrived.load_unit_id
        and load_units._dlt_load_id = arrived._dlt_load_id
    {% endif %}
    where load_units.source_name = '{{ each.source_name }}'
        and load_units.table_name = '{{ each.table_name }}'
        {% if each.reads == 'current' %}
        and load_units.recency{{ '_held' if each.up_to }} = 1
        {% endif %}
    union all
    {% endfor %}
    select
        source_name,
        'none' as relation_name,
        load_unit_id,
        _dlt_load_id,
        records_loaded
    from load_units
    where false

)

select
    coalesce(told.source_name, held.source_name) as source_name,
    coalesce(told.relation_name, held.relation_name) as relation_name,
    coalesce(told.load_unit_id, held.load_unit_id) as load_unit_id,
    coalesce(told._dlt_load_id, held._dlt_load_id) as _dlt_load_id,
    told.records_loaded,
    held.row_count
from told
full outer join held
    on told.source_name = held.source_name
    and told.relation_name = held.relation_name
    and told.load_unit_id = held.load_unit_id
    and told._dlt_load_id = held._dlt_load_id
where coalesce(told.records_loaded, 0) <> coalesce(held.row_count, 0)
