-- The accounts say as many calls loaded as there are: none lost, none doubled.
with request_units as (

    select source_name, load_unit_id from {{ ref('int_requests_arrived') }}
    union
    select source_name, first_load_unit_id as load_unit_id from {{ ref('request_sightings') }}

),

-- A source of requests may have other tables too.
request_tables as (

    select distinct accounts.source_name, accounts.table_name
    from {{ ref('load_unit_accounts') }} as accounts
    semi join request_units
        on accounts.source_name = request_units.source_name
        and accounts.load_unit_id = request_units.load_unit_id

),

accounts as (

    select accounts.source_name, sum(accounts.records_loaded - accounts.records_without_call) as records_loaded
    from {{ ref('load_unit_accounts') }} as accounts
    semi join request_tables
        on accounts.source_name = request_tables.source_name
        and accounts.table_name = request_tables.table_name
    group by accounts.source_name

),

requests as (

    select source_name, count(*) as request_count
    from {{ ref('request_sightings') }}
    group by source_name

)

select
    coalesce(accounts.source_name, requests.source_name) as source_name,
    accounts.records_loaded,
    requests.request_count
from accounts
full outer join requests on accounts.source_name = requests.source_name
where coalesce(accounts.records_loaded, 0) <> coalesce(requests.request_count, 0)
