-- A small publication: three teams and what nobody owns, three months, two currencies.
-- October 2026 is the open month, with complete days up to the 20th.
create table days as
select cast(range as date) as usage_date, row_number() over (order by range) as day_number
from range(date '2026-08-01', date '2026-10-22', interval 1 day);

create table owners as
select * from (values
    ('search', 'Search', 'CC-100', 7), ('support', 'Customer support', 'CC-200', 4),
    ('data', 'Data platform', 'CC-300', 2), ('unallocated', 'Unallocated', null, 1)
) as owners (team_id, team_name, cost_center_id, weight);

create table offers as
select * from (values
    ('OpenAI', 'org-acme', 'openai/gpt-5', 'GPT-5', 'USD', 11, 'Usage'),
    ('OpenAI', 'org-acme', 'openai/gpt-5-mini', 'GPT-5 mini', 'USD', 3, 'Usage'),
    ('OpenAI', 'org-acme', 'none', 'No model', 'USD', 1, 'Tax'),
    ('Anthropic', 'acme-eu', 'anthropic/claude-sonnet-4-5', 'Claude Sonnet 4.5', 'USD', 8, 'Usage'),
    ('Microsoft', 'mca-77', 'openai/gpt-5', 'GPT-5', 'EUR', 5, 'Usage')
) as offers (
    service_provider_name, billing_account_id, ai_model_id, ai_model_name, billing_currency,
    price, charge_category
);

create table cost_per_team_day as
select
    days.usage_date,
    cast(date_trunc('month', days.usage_date) as date) as billing_month,
    owners.team_id, owners.team_name, owners.cost_center_id,
    offers.service_provider_name, offers.billing_account_id, offers.ai_model_id,
    offers.charge_category, offers.billing_currency,
    cast(
        cast((weight * price * 1000 + day_number * 10 + weight) * $factor as decimal(19, 0))
        * cast(0.001234567891 as decimal(18, 12)) as decimal(38, 12)
    ) as billed_cost,
    cast(
        cast((weight * price * 900 + day_number * 10 + weight) * $factor as decimal(19, 0))
        * cast(0.001234567891 as decimal(18, 12)) as decimal(38, 12)
    ) as effective_cost,
    cast(null as decimal(38, 12)) as list_cost,
    case when charge_category = 'Usage'
        then cast(weight * price as decimal(38, 12)) end as estimated_cost,
    cast(weight * 40 + day_number as bigint) as request_count,
    cast(weight * price * 1100 as bigint) as input_uncached_tokens,
    cast(weight * price * 300 as bigint) as cache_read_tokens,
    cast(weight * 10 as bigint) as cache_write_5m_tokens,
    cast(0 as bigint) as cache_write_1h_tokens,
    cast(0 as bigint) as input_audio_tokens,
    cast(weight * price * 250 as bigint) as output_tokens,
    cast(weight * price * 50 as bigint) as reasoning_tokens,
    cast(0 as bigint) as output_audio_tokens,
    cast(0 as bigint) as cache_read_audio_tokens,
    cast(0 as bigint) as cache_read_image_tokens,
    cast(0 as bigint) as input_image_tokens,
    cast(0 as bigint) as input_video_tokens,
    cast(0 as bigint) as output_image_tokens,
    cast(0 as bigint) as output_video_tokens,
    cast(weight * price * 1700 + weight * 10 as bigint) as total_tokens
from days cross join owners cross join offers;

create table cost_per_team_month as
select
    billing_month, team_id, team_name, cost_center_id, service_provider_name,
    billing_account_id, ai_model_id, charge_category, billing_currency,
    sum(billed_cost) as billed_cost, sum(effective_cost) as effective_cost,
    sum(list_cost) as list_cost, sum(estimated_cost) as estimated_cost, cast(sum(request_count) as bigint) as request_count,
    cast(sum(input_uncached_tokens) as bigint) as input_uncached_tokens,
    cast(sum(cache_read_tokens) as bigint) as cache_read_tokens,
    cast(sum(cache_write_5m_tokens) as bigint) as cache_write_5m_tokens,
    cast(sum(cache_write_1h_tokens) as bigint) as cache_write_1h_tokens,
    cast(sum(input_audio_tokens) as bigint) as input_audio_tokens,
    cast(sum(output_tokens) as bigint) as output_tokens,
    cast(sum(reasoning_tokens) as bigint) as reasoning_tokens,
    cast(sum(output_audio_tokens) as bigint) as output_audio_tokens,
    cast(sum(cache_read_audio_tokens) as bigint) as cache_read_audio_tokens,
    cast(sum(cache_read_image_tokens) as bigint) as cache_read_image_tokens,
    cast(sum(input_image_tokens) as bigint) as input_image_tokens,
    cast(sum(input_video_tokens) as bigint) as input_video_tokens,
    cast(sum(output_image_tokens) as bigint) as output_image_tokens,
    cast(sum(output_video_tokens) as bigint) as output_video_tokens,
    cast(sum(total_tokens) as bigint) as total_tokens
from cost_per_team_day group by all;
alter table cost_per_team_day drop column billing_month;

create table tokens_per_model_day as
select
    usage_date, service_provider_name, ai_model_id,
    (select max(ai_model_name) from offers where offers.ai_model_id = spent.ai_model_id)
        as ai_model_name,
    observers.observed_by,
    cast(sum(input_uncached_tokens) * part // 100 as bigint) as input_uncached_tokens,
    cast(sum(cache_read_tokens) * part // 100 as bigint) as cache_read_tokens,
    cast(sum(cache_write_5m_tokens) * part // 100 as bigint) as cache_write_5m_tokens,
    cast(0 as bigint) as cache_write_1h_tokens,
    cast(0 as bigint) as input_audio_tokens,
    cast(sum(output_tokens) * part // 100 as bigint) as output_tokens,
    cast(sum(reasoning_tokens) * part // 100 as bigint) as reasoning_tokens,
    cast(0 as bigint) as output_audio_tokens,
    cast(0 as bigint) as cache_read_audio_tokens,
    cast(0 as bigint) as cache_read_image_tokens,
    cast(0 as bigint) as input_image_tokens,
    cast(0 as bigint) as input_video_tokens,
    cast(0 as bigint) as output_image_tokens,
    cast(0 as bigint) as output_video_tokens,
    cast(sum(total_tokens) * part // 100 as bigint) as total_tokens,
    cast(sum(request_count) as bigint) as request_count,
    cast(max(day(usage_date)) as bigint) as failed_request_count,
    sum(billed_cost) as estimated_list_cost,
    billing_currency as estimated_cost_currency,
    cast(0.25 as double) as cache_read_ratio
from cost_per_team_day as spent
cross join (values ('gateway', 88), ('provider', 100)) as observers (observed_by, part)
where charge_category = 'Usage'
group by usage_date, service_provider_name, ai_model_id, observed_by, part, billing_currency;

create table invoice_reconciliation_month as
with invoices as (
    select
        billing_month, service_provider_name, billing_account_id, ai_model_id,
        cast(null as varchar) as token_class, 'standard' as service_tier, billing_currency,
        charge_category, sum(billed_cost) as invoice_cost,
        cast(sum(total_tokens) as bigint) as provider_usage_tokens
    from cost_per_team_month group by all
),
split as (
    select *,
        case when charge_category = 'Usage'
            then invoice_cost * cast(0.8 as decimal(2, 1)) else 0 end as metered_cost,
        case when charge_category = 'Usage'
            then invoice_cost * cast(0.15 as decimal(3, 2)) else 0 end as bypassed_gateway_cost,
        case when charge_category = 'Tax' then invoice_cost else 0 end as tax_cost
    from invoices
)
select
    billing_month, service_provider_name, billing_account_id, ai_model_id, token_class,
    service_tier, billing_currency,
    true as is_billed,
    case when charge_category = 'Usage' then 'open' else 'explained' end as reconciliation_status,
    cast(invoice_cost as decimal(38, 12)) as invoice_cost,
    cast(invoice_cost as decimal(38, 12)) as effective_cost,
    provider_usage_tokens,
    case when charge_category = 'Usage' then cast(invoice_cost as decimal(38, 12)) end
        as provider_usage_estimated_cost,
    cast(provider_usage_tokens * 88 // 100 as bigint) as metered_tokens,
    case when service_provider_name <> 'Microsoft' and charge_category = 'Usage'
        then cast(metered_cost as decimal(38, 12)) end as metered_estimated_cost,
    cast(metered_cost as decimal(38, 12)) as metered_cost,
    cast(bypassed_gateway_cost as decimal(38, 12)) as bypassed_gateway_cost,
    cast(metered_cost * cast(0.01 as decimal(3, 2)) as decimal(38, 12)) as served_tier_cost,
    cast(metered_cost * cast(0.02 as decimal(3, 2)) as decimal(38, 12)) as price_book_cost,
    cast(0 as decimal(38, 12)) as cache_semantics_cost,
    cast(0 as decimal(38, 12)) as duplicate_cost,
    cast(-metered_cost * cast(0.01 as decimal(3, 2)) as decimal(38, 12)) as failed_or_retried_cost,
    cast(0 as decimal(38, 12)) as non_token_cost,
    cast(0 as decimal(38, 12)) as time_boundary_cost,
    cast(tax_cost as decimal(38, 12)) as discount_credit_tax_cost,
    cast(0 as decimal(38, 12)) as fx_cost,
    cast(invoice_cost - metered_cost - bypassed_gateway_cost - tax_cost as decimal(38, 12))
        - cast(metered_cost * cast(0.02 as decimal(3, 2)) as decimal(38, 12)) as unexplained_cost,
    cast(invoice_cost - metered_cost - bypassed_gateway_cost - tax_cost as decimal(38, 12))
        - cast(metered_cost * cast(0.02 as decimal(3, 2)) as decimal(38, 12)) as effective_unexplained_cost
from split;

create table shadow_spend_month as
select
    billing_month, 'billed' as spend_kind, 'openai_api' as ai_service_id, service_provider_name, billing_account_id, 'proj_lab' as sub_account_id,
    'Lab project' as sub_account_name, concat('key_', team_id, '_', key_number) as credential_id,
    $hostile as credential_name,
    case when team_id = 'unallocated' then 'unregistered' else 'registered' end
        as credential_status,
    team_id, team_name, billing_currency,
    cast(sum(billed_cost) * cast(0.05 as decimal(3, 2)) as decimal(38, 12)) as billed_cost,
    cast(sum(request_count) as bigint) as request_count,
    cast(sum(total_tokens) as bigint) as total_tokens,
    billing_month as first_seen_date, billing_month + 19 as last_seen_date,
    cast(null as decimal(38, 12)) as card_cost, cast(null as decimal(38, 12)) as estimated_cost,
    cast(null as varchar) as estimate_basis
from cost_per_team_month cross join range(1, 4) as keys (key_number)
where team_id in ('data', 'unallocated')
group by billing_month, key_number, service_provider_name, billing_account_id, team_id, team_name,
    billing_currency;

create table unpriced_usage as
select
    cast(month as date) as usage_month, observed_by, 'litellm' as source_name,
    'OpenAI' as service_provider_name, 'house-model-7b' as model_name, token_class,
    cast(tokens as bigint) as tokens, cast(units as decimal(38, 12)) as unit_count,
    cast(120 as bigint) as request_count,
    cast(null as decimal(38, 12)) as estimated_cost,
    cast(null as varchar) as estimated_cost_currency,
    cast(month as date) as first_seen_date, cast(month as date) + 9 as last_seen_date,
    'no price for this model' as reason
from (values ('2026-09-01'), ('2026-10-01')) as months (month)
cross join (values
    ('gateway', 'input_uncached', 812345, 0), ('gateway', 'output', 98765, 0),
    ('provider', 'input_uncached', 900001, 0), ('gateway', 'web_search', 0, 12)
) as classes (observed_by, token_class, tokens, units);

create table source_freshness as
select
    source_name, table_name, timestamp '2026-10-21 02:00:00' as last_load_at,
    case when source_name <> 'focus' then timestamp '2026-10-21 00:00:00' end as complete_to,
    cast(12 as bigint) as load_unit_count, cast(read as bigint) as records_read,
    cast(read - refused as bigint) as records_loaded, cast(refused as bigint) as records_quarantined,
    cast(0 as bigint) as records_duplicate
from (values
    ('litellm', 'spend_logs', 182345, 3), ('openai', 'costs', 900, 0),
    ('anthropic', 'cost_report', 700, 0), ('focus', 'charges', 1000, 1)
) as sources (source_name, table_name, read, refused);

create table quarantined_records as
select * from (values
    ('litellm', 'file:a', 17, 'logs/a.jsonl.gz', 'malformed_json', 'Mend line 17.'),
    ('litellm', 'file:a', 18, 'logs/a.jsonl.gz', 'malformed_json', 'Mend line 17.'),
    ('litellm', 'file:b', 4, 'logs/b.jsonl.gz', 'bad_timestamp', 'Give the time in ISO 8601.'),
    ('focus', 'file:c', 9, 'bills/c.csv', 'bad_number', 'Write amounts with a point.')
) as records (source_name, load_unit_id, source_line, location, reason, remedy);

create table publication as
select
    $publication_id as publication_id,
    cast($published_at as timestamp) as published_at,
    cast($data_complete_to as timestamp) as data_complete_to,
    '0.1.0' as code_version, 'genai-prices 0.2.3' as price_book_version;

drop table days;
drop table owners;
drop table offers;
