-- What the reconciliation app reads beyond the lines: their state, both bases, evidence and loads.
-- The tax line is signed off; of OpenAI a part of the effective cost is a commitment spread over use.
create or replace table invoice_reconciliation_month as
select
    * exclude (reconciliation_status, effective_cost, effective_unexplained_cost, token_class),
    coalesce(token_class, 'none') as token_class,
    case when charge_is_tax then 'signed_off' else reconciliation_status end as reconciliation_status,
    cast(0.01 as decimal(38, 12)) as tolerance_cost,
    case when charge_is_tax then $hostile end as signed_off_by,
    case when charge_is_tax then date '2026-11-03' end as signed_off_on,
    case when charge_is_tax then 'checked by hand' end as sign_off_reason,
    false as has_lapsed_sign_off,
    cast(null as bigint) as invoice_tokens,
    price_book_cost as effective_price_book_cost, duplicate_cost as effective_duplicate_cost,
    cast(case when service_provider_name = 'OpenAI' then -100 else 0 end as decimal(38, 12))
        as effective_non_token_cost,
    time_boundary_cost as effective_time_boundary_cost,
    discount_credit_tax_cost as effective_discount_credit_tax_cost, fx_cost as effective_fx_cost,
    unexplained_cost as effective_unexplained_cost,
    cast(invoice_cost - case when service_provider_name = 'OpenAI' then 100 else 0 end as decimal(38, 12))
        as effective_cost
from (select *, discount_credit_tax_cost <> 0 as charge_is_tax from invoice_reconciliation_month);

alter table invoice_reconciliation_month drop column charge_is_tax;

-- A model of a provider that has no bill yet: it waits, and explains nothing.
insert into invoice_reconciliation_month by name
select
    date '2026-10-01' as billing_month, 'Mistral AI' as service_provider_name,
    'unknown' as billing_account_id, 'mistral/large' as ai_model_id, 'output' as token_class,
    'standard' as service_tier, 'USD' as billing_currency, false as is_billed,
    'open' as reconciliation_status, false as has_lapsed_sign_off,
    cast(5 as decimal(38, 12)) as metered_estimated_cost, 5000 as metered_tokens,
    0 as metered_cost, 0 as bypassed_gateway_cost, 0 as served_tier_cost, 0 as price_book_cost,
    0 as cache_semantics_cost, 0 as duplicate_cost, 0 as failed_or_retried_cost,
    0 as non_token_cost, 0 as time_boundary_cost, 0 as discount_credit_tax_cost, 0 as fx_cost,
    0 as unexplained_cost, 0 as effective_unexplained_cost;

create table reconciliation_evidence_month as
select
    billing_month, service_provider_name, billing_account_id, ai_model_id,
    token_class, service_tier, billing_currency, cause,
    cast(1 as bigint) as evidence_place, cast(1 as bigint) as evidence_count,
    billing_month + 4 as evidence_date, 'litellm' as source_name,
    $hostile as credential_id, 'file:logs/a.jsonl.gz' as first_load_unit_id,
    billing_month + 4 as first_evidence_date, billing_month + 4 as last_evidence_date,
    cast(7 as bigint) as record_count, cast(100 as bigint) as evidence_tokens,
    evidence_cost, evidence_cost as effective_evidence_cost
from invoice_reconciliation_month
unpivot (evidence_cost for cause in (
    metered_cost as 'metered', bypassed_gateway_cost as 'bypassed_gateway',
    served_tier_cost as 'served_tier', price_book_cost as 'price_book',
    failed_or_retried_cost as 'failed_or_retried', discount_credit_tax_cost as 'discount_credit_tax'
))
where is_billed and evidence_cost <> 0;

create table load_unit_accounts as
select
    'litellm' as source_name, 'file:logs/a.jsonl.gz' as load_unit_id, '1795377285.95' as _dlt_load_id,
    'file' as unit_kind, 'spend_logs' as table_name, $hostile as location,
    cast(100 as bigint) as records_read, cast(98 as bigint) as records_loaded,
    cast(2 as bigint) as records_quarantined, cast(0 as bigint) as records_duplicate,
    cast(0 as bigint) as records_without_call,
    timestamp '2026-10-05 00:00:00' as covers_from, timestamp '2026-10-06 00:00:00' as covers_to,
    timestamp '2026-10-21 02:00:00' as pulled_at;

insert into quarantined_records
values ('litellm', 'file:logs/a.jsonl.gz', 3, 'logs/a.jsonl.gz', 'bad_number', 'Mend line 3.');

create table commitment_utilisation_month as
select
    date '2026-10-01' as billing_month, 'OpenAI' as service_provider_name,
    'org-acme' as billing_account_id, commitment_id, 'USD' as billing_currency,
    $hostile as commitment_name, 'prepaid_credit' as commitment_kind, 'USD' as commitment_unit,
    cast(100 as decimal(38, 12)) as bought_quantity, cast(used as decimal(38, 12)) as used_quantity,
    cast(100 - used as decimal(38, 12)) as unused_quantity, cast(100 as decimal(38, 12)) as bought_cost,
    cast(used as decimal(38, 12)) as used_cost, cast(100 - used as decimal(38, 12)) as unused_cost,
    cast(used as decimal(38, 12)) as on_demand_cost, cast(0 as decimal(38, 12)) as uncovered_cost,
    'registered' as told_by, cast(used as double) / 100 as utilisation_ratio,
    cast(case when used is not null then 1 end as double) as coverage_ratio,
    cast(case when used is not null then 1 end as double) as break_even_ratio,
    cast(used - 100 as decimal(38, 12)) as saved_cost
from (values ('credits', 30.5), ('throughput', null)) as commitments (commitment_id, used);
