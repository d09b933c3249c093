-- The accounts say as many calls loaded as there are: none lost, none doubled.
with request_sources as (

    select source_name from {{ ref('int_requests_arrived') }}
    union
    select source_name from {{ ref('request_sightings') }}

),

accounts as (

    select accounts.source_name, sum(accounts.records_loaded) as records_loaded
    from {{ ref('load_unit_accounts') }} as accounts
    semi join request_sources on accounts.source_name = request_sources.source_name
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
