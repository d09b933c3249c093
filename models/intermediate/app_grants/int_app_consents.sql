-- One consent is one row, however many events it wrote and however often they were delivered; the first of them is the evidence.
with grants as (

    select
        *,
        {{ application_id() }} as application_id,
        identity_provider || ' ' || consent_id || ' ' || {{ application_id() }} || ' ' || coalesce(user_id, '') as grant_id
    from {{ ref('int_app_grants_unioned') }}
    where event_kind = 'grant'

),

ranked as (

    select
        *,
        row_number() over (partition by grant_id order by event_at, _dlt_load_id, load_unit_id, source_line) as place
    from grants

),

counted as (

    select
        grant_id,
        count(distinct coalesce(event_id, load_unit_id || ' ' || cast(source_line as {{ dbt.type_string() }}))) as event_count,
        max(app_name) as app_name,
        max(case when consent_reach = 'organisation' then 1 else 0 end) as is_for_everyone
    from grants
    group by grant_id

),

final as (

    select
        ranked.grant_id,
        ranked.identity_provider,
        ranked.consent_id,
        ranked.application_id,
        ranked.client_id,
        coalesce(ranked.app_name, counted.app_name) as app_name,
        ranked.user_id,
        ranked.user_known_by,
        case when counted.is_for_everyone = 1 then 'organisation' else 'person' end as consent_reach,
        ranked.event_at as granted_at,
        cast(counted.event_count as bigint) as event_count,
        ranked.source_name,
        ranked.load_unit_id,
        ranked.source_line,
        ranked._dlt_load_id
    from ranked
    inner join counted
        on ranked.grant_id = counted.grant_id
    where ranked.place = 1

)

select * from final
