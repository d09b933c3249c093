-- The team of each distinct set of tags, by provider and day; the first rule by key wins, so that a
-- charge with several owned tags is not counted twice.
with tagged as (

    select distinct
        service_provider_name,
        tags,
        charge_date
    from {{ ref('int_billed_charges') }}
    where tags is not null
        and tags not in ('', '{}')

),

owners as (

    select
        *,
        split_part(owner_key, '=', 1) as tag_key,
        substr(owner_key, length(split_part(owner_key, '=', 1)) + 2) as tag_value
    from {{ ref('int_owners') }}
    where owner_kind = 'tag'

),

matched as (

    select
        tagged.service_provider_name,
        tagged.tags,
        tagged.charge_date,
        owners.team_id,
        row_number() over (
            partition by tagged.service_provider_name, tagged.tags, tagged.charge_date
            order by owners.owner_key, owners.team_id
        ) as place
    from tagged
    inner join owners
        on tagged.service_provider_name = owners.service_provider_name
        and tagged.charge_date >= owners.valid_from
        and tagged.charge_date < owners.valid_to
        and {{ json_member('tagged.tags', 'owners.tag_key') }} = owners.tag_value

),

final as (

    select
        service_provider_name,
        tags,
        charge_date,
        team_id
    from matched
    where place = 1

)

select * from final
