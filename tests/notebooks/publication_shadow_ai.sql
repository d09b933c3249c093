-- Shadow AI over the small publication: six findings of four teams, one of them of a small group.
insert into shadow_spend_month by name
select
    date '2026-10-01' as billing_month, 'Various' as service_provider_name, 'unknown' as billing_account_id, 'none' as credential_status, team_id, team_name, 'USD' as billing_currency, spend_kind, ai_service_id,
    cast(card as decimal(38, 12)) as card_cost, cast(estimate as decimal(38, 12)) as estimated_cost, basis as estimate_basis,
    date '2026-10-03' as first_seen_date, date '2026-10-18' as last_seen_date
from (values
    ('search', 'Search', 'card', 'chatgpt', 40.000000000001, null, null),
    ('search', 'Search', 'estimated', 'chatgpt', null, 300.5, 'seat_price'),
    ('support', 'Customer support', 'card', 'midjourney', 12.25, null, null),
    ('support', 'Customer support', 'billed', 'cursor', null, null, null)
) as spent (team_id, team_name, spend_kind, ai_service_id, card, estimate, basis);

create table shadow_findings as
with found as (
    select * from (values
        ('f-bypass', 'data', 'Data platform', 'openai_api', 'bypassed_gateway', null, 812, 90000, 'provider network', 'high', 0.9, 0.6, 1.0, 120.5, null, null, null, 'credential', 'open'),
        ('f-key', 'unallocated', 'Unallocated', 'openai_api', 'unregistered_key', 7, 400, null, 'provider', 'high', 0.7, 0.6, 0.8, 33.25, null, null, null, null, 'open'),
        ('f-chat', 'search', 'Search', 'chatgpt', 'unapproved_service', 3, 55, 1234567, 'card identity network', 'medium', 0.8, 0.5, 1.0, null, 40.000000000001, 300.5, 'seat_price', 'user', 'reopened'),
        ('f-plan', 'support', 'Customer support', 'midjourney', 'unapproved_plan', 9, null, null, 'card', 'low', 0.4, 0.9, 0.5, null, 12.25, null, null, 'department', 'tolerated'),
        ('f-tool', 'support', 'Customer support', 'cursor', 'tool_without_seat', 6, 78, null, 'tool', 'high', 0.9, 0.4, 0.7, null, null, null, null, 'user', 'open'),
        ('f-old', 'data', 'Data platform', 'openai_api', 'retired_key', null, 5, null, 'provider', 'high', null, 0.6, 0.3, 2.5, null, null, null, 'credential', 'blocked')
    ) as found (
        finding_id, team_id, team_name, ai_service_id, finding_kind, persons, call_count, uploaded_bytes, signal_families, match_confidence,
        exposure, vendor, control, billed, card, estimated, estimate_basis, owner_basis, state
    )
),
services as (
    select * from (values
        ('openai_api', 'OpenAI API', 'OpenAI', 'api'), ('chatgpt', 'ChatGPT', 'OpenAI', 'chat'),
        ('midjourney', $hostile, 'Midjourney', 'image'), ('cursor', 'Cursor', 'Anysphere', 'coding_tool')
    ) as services (ai_service_id, ai_service_name, vendor_name, ai_service_category)
)
select
    finding_id, team_id, team_name, ai_service_id, ai_service_name, vendor_name, ai_service_category, finding_kind,
    date '2026-08-04' as first_seen_date, date '2026-10-18' as last_seen_date,
    -- A mart leaves out small numbers; one that does not must not be believed.
    cast(persons as bigint) as person_count, cast(case finding_id when 'f-tool' then 8 end as bigint) as address_count,
    coalesce(persons < 5, false) as is_small_group,
    cast(call_count as bigint) as call_count, cast(uploaded_bytes as bigint) as uploaded_bytes, cast(17 as bigint) as signal_count,
    signal_families, cast(len(string_split(signal_families, ' ')) as bigint) as signal_family_count, match_confidence,
    case when exposure is not null then 'source_code' end as exposure_class, cast(exposure as decimal(3, 2)) as exposure_factor,
    'no_contract' as vendor_class, cast(vendor as decimal(3, 2)) as vendor_factor,
    'nothing_in_between' as control_class, cast(control as decimal(3, 2)) as control_factor,
    cast(exposure * vendor * control as decimal(9, 6)) as risk_score, 'USD' as reporting_currency,
    cast(billed as decimal(38, 12)) as reporting_billed_cost, cast(card as decimal(38, 12)) as reporting_card_cost,
    cast(case when billed is not null or card is not null then coalesce(billed, 0) + coalesce(card, 0) end as decimal(38, 12))
        as reporting_seen_cost,
    cast(estimated as decimal(38, 12)) as reporting_estimated_cost, estimate_basis, owner_basis, state,
    state in ('open', 'reopened', 'blocked') as is_open,
    case when state <> 'open' then date '2026-08-10' end as decision_valid_from,
    case when state in ('reopened', 'tolerated') then date '2026-10-10' end as decision_valid_to,
    case when state <> 'open' then 'AI board' end as decided_by, case when state <> 'open' then date '2026-08-10' end as decided_on,
    case when state <> 'open' then $hostile end as decision_reason
from found join services using (ai_service_id);

create table shadow_evidence as
select
    finding_id, signal_family, signal_kind, source_name, concat('file:', signal_kind) as load_unit_id,
    false as is_small_group,
    concat('logs/', signal_kind, '.jsonl.gz') as location, cast(41 as bigint) as first_source_line,
    date '2026-08-04' as first_seen_date, seen as last_seen_date, cast(17 as bigint) as signal_count, cast(1 as bigint) as stopped_count,
    cast(55 as bigint) as call_count, cast(2000000 as bigint) as uploaded_bytes
from (values
    ('f-bypass', 'provider', 'bypassed_gateway', 'openai', date '2026-10-18'),
    ('f-bypass', 'network', 'tls', 'zeek', date '2026-10-17'),
    ('f-chat', 'network', 'http', 'squid', date '2026-10-18'),
    ('f-chat', 'identity', 'grant', 'okta', date '2026-10-02'),
    ('f-chat', 'card', 'charge', 'expenses', date '2026-10-09'),
    ('f-key', 'provider', 'unregistered_key', 'openai', date '2026-10-11')
) as signals (finding_id, signal_family, signal_kind, source_name, seen);

create table ai_service_inventory as
select
    ai_service_id, ai_service_name, vendor_name, ai_service_category, team_id, team_name, route as usage_route,
    date '2026-08-04' as first_seen_date, date '2026-10-18' as last_seen_date, cast(persons as bigint) as person_count,
    cast(null as bigint) as address_count, persons < 5 as is_small_group, state, state in ('open', 'reopened') as is_open, case state when 'sanctioned' then 'enterprise' end as decided_plan_name, 'USD' as reporting_currency,
    cast(recent * 3 as decimal(38, 12)) as reporting_cost, cast(recent as decimal(38, 12)) as reporting_recent_cost,
    cast(recent * 0.8 as decimal(38, 12)) as reporting_former_cost
from (values
    ('openai_api', 'OpenAI API', 'OpenAI', 'api', 'search', 'Search', 'gateway', 40, 'sanctioned', 900.125),
    ('openai_api', 'OpenAI API', 'OpenAI', 'api', 'data', 'Data platform', 'provider_key', 2, 'open', 60.5),
    ('chatgpt', 'ChatGPT', 'OpenAI', 'chat', 'search', 'Search', 'network', 4, 'reopened', null),
    ('chatgpt', 'ChatGPT', 'OpenAI', 'chat', 'search', 'Search', 'card', 1, 'reopened', 40.000000000001),
    ('midjourney', $hostile, 'Midjourney', 'image', 'support', 'Customer support', 'card', 9, 'tolerated', 12.25),
    ('cursor', 'Cursor', 'Anysphere', 'coding_tool', 'support', 'Customer support', 'tool', 6, 'open', null)
) as used (ai_service_id, ai_service_name, vendor_name, ai_service_category, team_id, team_name, route, persons, state, recent);

create table shadow_trend_month as
select
    cast(month as date) as trend_month, kind as finding_kind, cast(found as bigint) as found_count,
    cast(decided as bigint) as decided_count, cast(brought as bigint) as brought_under_gateway_count, cast(still as bigint) as open_count
from (values
    ('2026-08-01', 'bypassed_gateway', 3, 0, 0, 3), ('2026-08-01', 'unapproved_service', 2, 1, 0, 1),
    ('2026-09-01', 'bypassed_gateway', 1, 0, 2, 2), ('2026-09-01', 'unapproved_service', 0, 0, 0, 1),
    ('2026-10-01', 'bypassed_gateway', 0, 1, 0, 1), ('2026-10-01', 'unapproved_service', 2, 0, 0, 3)
) as months (month, kind, found, decided, brought, still);
