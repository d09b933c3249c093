{{ config(materialized='table') }}

-- What was metered beside what the provider counts, on days (or months) that it speaks of; and how many of the
-- tokens of failed calls it did not count: never more than what was metered beyond its count.
with counts as (

    select * from {{ ref('int_provider_counts') }}

),

grains as (

    select distinct service_provider_name, billing_account_id, billing_month, count_kind, is_by_day
    from counts

),

covered as (

    select distinct service_provider_name, billing_account_id, counted_date
    from counts

),

-- A report that lags by an endpoint says nothing yet of its models.
unreported as (

    select distinct usage_date, service_provider_name, ai_model_id
    from {{ ref('int_metered_usage_unreported') }}
    where not is_of_requests

),

dated as (

    select
        traffic.*,
        grains.is_by_day,
        case when grains.is_by_day then traffic.usage_date else traffic.billing_month end as counted_date
    from {{ ref('int_metered_lines_day') }} as traffic
    inner join grains
        on traffic.service_provider_name = grains.service_provider_name
        and traffic.billing_account_id = grains.billing_account_id
        and traffic.billing_month = grains.billing_month
    left join unreported
        on traffic.service_provider_name = unreported.service_provider_name
        and traffic.usage_date = unreported.usage_date
        and traffic.ai_model_id = unreported.ai_model_id
    where (grains.count_kind = 'bill' or unreported.usage_date is null)
        and traffic.is_rate_known

),

compared as (

    select
        {%- for name in line_columns() %}
        dated.{{ name }},
        {%- endfor %}
        dated.is_by_day,
        dated.counted_date,
        case dated.traffic_kind when 'metered' then dated.tokens when 'duplicate' then -dated.tokens else 0 end as seen_tokens,
        case dated.traffic_kind when 'metered' then dated.estimated_cost when 'duplicate' then -dated.estimated_cost end as seen_cost,
        {%- for kind in ['failed', 'across_months'] %}
        case when dated.traffic_kind = '{{ kind }}' then dated.tokens else 0 end as {{ kind }}_tokens,
        case when dated.traffic_kind = '{{ kind }}' then dated.estimated_cost end as {{ kind }}_cost,
        {%- endfor %}
        case when dated.traffic_kind = 'failed' then dated.first_load_unit_id end as first_load_unit_id,
        cast(0 as bigint) as counted_tokens,
        cast(null as decimal(38, 12)) as counted_cost
    from dated
    inner join covered
        on dated.service_provider_name = covered.service_provider_name
        and dated.billing_account_id = covered.billing_account_id
        and dated.counted_date = covered.counted_date
    union all
    select
        {{ line_columns() | join(',\n        ') }},
        is_by_day,
        counted_date,
        cast(0 as bigint) as seen_tokens,
        cast(null as decimal(38, 12)) as seen_cost,
        {%- for kind in ['failed', 'across_months'] %}
        cast(0 as bigint) as {{ kind }}_tokens,
        cast(null as decimal(38, 12)) as {{ kind }}_cost,
        {%- endfor %}
        cast(null as {{ dbt.type_string() }}) as first_load_unit_id,
        tokens as counted_tokens,
        counted_cost
    from counts

),

grouped as (

    select
        {{ line_columns() | join(',\n        ') }},
        is_by_day,
        counted_date,
        {%- for name in ['seen', 'failed', 'across_months', 'counted'] %}
        cast(sum({{ name }}_tokens) as bigint) as {{ name }}_tokens,
        cast(coalesce(sum({{ name }}_cost), 0) as decimal(38, 12)) as {{ name }}_cost,
        {%- endfor %}
        min(first_load_unit_id) as first_load_unit_id
    from compared
    group by
        {{ line_columns() | join(',\n        ') }},
        is_by_day,
        counted_date

),

final as (

    select
        *,
        least(failed_tokens, greatest(seen_tokens - counted_tokens, 0)) as uncounted_failed_tokens
    from grouped

)

select * from final
