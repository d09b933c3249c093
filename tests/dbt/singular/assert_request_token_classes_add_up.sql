-- Of the days of this build: the disjoint classes are the record's own total (P3).
select requests.source_name, requests.request_id, requests.total_tokens, {{ token_columns('requests.') }}
from {{ ref('request_sightings') }} as requests
semi join {{ ref('int_touched_dates') }} as touched on requests.usage_date = touched.usage_date
where requests.total_tokens <> {{ token_total('requests.') }}
