with sign_ins as (

    select
        *,
        {{ application_id() }} as application_id,
        cast(signed_in_at as date) as sign_in_date
    from {{ ref('int_app_sign_ins_unioned') }}

),

services as (

    select * from {{ ref('int_app_services') }}

),

-- An event that two files hold was one sign-in.
ranked as (

    select
        sign_ins.*,
        services.ai_service_id,
        services.matched_by,
        services.match_confidence,
        row_number() over (
            partition by sign_ins.sign_in_date, sign_ins.identity_provider, sign_ins.user_id, sign_ins.application_id
            order by
                case services.match_confidence when 'high' then 0 when 'medium' then 1 when 'low' then 2 else 3 end,
                sign_ins.signed_in_at, sign_ins._dlt_load_id, sign_ins.load_unit_id, sign_ins.source_line
        ) as place
    from sign_ins
    left join services
        on sign_ins.identity_provider = services.identity_provider
        and coalesce(sign_ins.client_id, '') = coalesce(services.client_id, '')
        and coalesce(sign_ins.app_name, '') = coalesce(services.app_name, '')

),

final as (

    select
        sign_in_date,
        identity_provider,
        user_id,
        application_id,
        max(client_id) as client_id,
        max(case when place = 1 then app_name end) as app_name,
        cast(count(distinct coalesce(event_id, load_unit_id || ' ' || cast(source_line as {{ dbt.type_string() }}))) as bigint) as sign_in_count,
        max(case when place = 1 then ai_service_id end) as ai_service_id,
        max(case when place = 1 then matched_by end) as matched_by,
        max(case when place = 1 then match_confidence end) as match_confidence,
        max(source_name) as source_name,
        max(case when place = 1 then load_unit_id end) as load_unit_id,
        max(case when place = 1 then source_line end) as source_line
    from ranked
    group by sign_in_date, identity_provider, user_id, application_id

)

select * from final
