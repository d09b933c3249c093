{{ config(materialized='table') }}

-- The team of a person, department or network, whatever provider is meant: what owners.csv says for any provider, and where it says
-- nothing for any, what it says for single ones. Of periods that overlap the later start wins, as everywhere.
with owners as (

    select
        owner_kind,
        case when owner_kind = 'user' then owner_key else lower(owner_key) end as owner_key,
        team_id,
        coalesce(valid_from, cast('1970-01-01' as date)) as starts_on,
        coalesce(valid_to, cast('9999-12-31' as date)) as ends_on,
        case when service_provider_name is null then 1 else 0 end as is_for_any
    from {{ ref('stg_org__owners') }}
    where owner_kind in ('user', 'department', 'network')

),

chosen as (

    select
        *,
        max(is_for_any) over (partition by owner_kind, owner_key) as has_any
    from owners

),

starting as (

    select
        owner_kind,
        owner_key,
        starts_on,
        team_id,
        ends_on,
        row_number() over (partition by owner_kind, owner_key, starts_on order by ends_on desc, team_id) as place
    from chosen
    where is_for_any = has_any

),

ordered as (

    select
        owner_kind,
        owner_key,
        team_id,
        starts_on,
        ends_on,
        lead(starts_on) over (partition by owner_kind, owner_key order by starts_on) as next_starts_on
    from starting
    where place = 1

),

final as (

    select
        owner_kind,
        owner_key,
        team_id,
        starts_on as valid_from,
        least(ends_on, coalesce(next_starts_on, cast('9999-12-31' as date))) as valid_to
    from ordered
    where ends_on > starts_on

)

select * from final
