-- One line a bill that leaves charges out by a setting: the only place to touch when one is added.
{{ union_of_loaded_sources([
    'stg_aws_cur__left_out',
    'stg_gcp_billing__left_out',
], {
    'source_name': 'text', 'load_unit_id': 'text', 'source_line': 'bigint', '_dlt_load_id': 'text',
    'service_provider_name': 'text', 'billing_account_id': 'text', 'billing_period_start': 'timestamp',
    'service_name': 'text', 'charge_kind': 'text', 'billing_currency': 'text', 'charge_count': 'bigint',
    'billed_cost': 'decimal(38, 12)',
}) }}
