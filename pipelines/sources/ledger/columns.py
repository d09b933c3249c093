"""The columns of what a close writes, in the order of its files."""

from __future__ import annotations

import pyarrow as pa

TEXT, WHOLE, BOOL = pa.string(), pa.int64(), pa.bool_()
DATE, MOMENT = pa.date32(), pa.timestamp("us")
MONEY, RATE = pa.decimal128(38, 12), pa.decimal128(38, 18)

CLOSES = pa.schema(
    [
        ("billing_month", DATE),
        ("close_number", WHOLE),
        ("closed_at", MOMENT),
        ("closed_by", TEXT),
        ("is_forced", BOOL),
        ("close_reason", TEXT),
        ("open_line_count", WHOLE),
        ("close_sha256", TEXT),
        ("previous_close_sha256", TEXT),
        ("publication_id", TEXT),
        ("published_at", MOMENT),
        ("data_complete_to", MOMENT),
        ("code_version", TEXT),
        ("price_version", WHOLE),
        ("price_book_version", TEXT),
        ("reporting_currency", TEXT),
        ("close_document", TEXT),
    ]
)
CHARGES = pa.schema(
    [
        ("charge_source_name", TEXT),
        ("charge_load_unit_id", TEXT),
        ("charge_source_line", WHOLE),
        ("charge_load_id", TEXT),
        ("charge_id", TEXT),
        ("service_provider_name", TEXT),
        ("host_provider_name", TEXT),
        ("invoice_issuer_name", TEXT),
        ("billing_account_id", TEXT),
        ("billing_account_name", TEXT),
        ("sub_account_id", TEXT),
        ("sub_account_name", TEXT),
        ("invoice_id", TEXT),
        ("billing_period_start", MOMENT),
        ("billing_period_end", MOMENT),
        ("billing_month", DATE),
        ("charge_period_start", MOMENT),
        ("charge_period_end", MOMENT),
        ("charge_date", DATE),
        ("charge_category", TEXT),
        ("charge_class", TEXT),
        ("charge_description", TEXT),
        ("service_category", TEXT),
        ("service_name", TEXT),
        ("sku_id", TEXT),
        ("sku_meter", TEXT),
        ("sku_price_id", TEXT),
        ("region_id", TEXT),
        ("resource_id", TEXT),
        ("resource_name", TEXT),
        ("credential_id", TEXT),
        ("model_name", TEXT),
        ("ai_model_id", TEXT),
        ("token_class", TEXT),
        ("service_tier", TEXT),
        ("context_tier", TEXT),
        ("context_tier_start", WHOLE),
        ("consumed_quantity", MONEY),
        ("consumed_unit", TEXT),
        ("pricing_quantity", MONEY),
        ("pricing_unit", TEXT),
        ("billing_currency", TEXT),
        ("billed_cost", MONEY),
        ("effective_cost", MONEY),
        ("list_cost", MONEY),
        ("contracted_cost", MONEY),
        ("pricing_category", TEXT),
        ("pricing_currency", TEXT),
        ("pricing_currency_effective_cost", MONEY),
        ("commitment_discount_id", TEXT),
        ("commitment_discount_name", TEXT),
        ("commitment_discount_category", TEXT),
        ("commitment_discount_type", TEXT),
        ("commitment_discount_status", TEXT),
        ("commitment_discount_quantity", MONEY),
        ("commitment_discount_unit", TEXT),
        ("tags", TEXT),
        ("origin_billing_month", DATE),
        ("adjustment_cause", TEXT),
    ]
)
ALLOCATED_CHARGES = pa.schema(
    [
        ("allocated_charge_id", TEXT),
        ("charge_id", TEXT),
        ("charge_source_name", TEXT),
        ("service_provider_name", TEXT),
        ("billing_account_id", TEXT),
        ("sub_account_id", TEXT),
        ("sub_account_name", TEXT),
        ("billing_month", DATE),
        ("charge_date", DATE),
        ("charge_category", TEXT),
        ("charge_class", TEXT),
        ("credential_id", TEXT),
        ("ai_model_id", TEXT),
        ("token_class", TEXT),
        ("service_tier", TEXT),
        ("team_id", TEXT),
        ("allocation_method", TEXT),
        ("allocation_rule", TEXT),
        ("allocation_share", RATE),
        ("billing_currency", TEXT),
        ("billed_cost", MONEY),
        ("effective_cost", MONEY),
        ("list_cost", MONEY),
        ("contracted_cost", MONEY),
        ("consumed_quantity", MONEY),
        ("consumed_unit", TEXT),
        ("reporting_currency", TEXT),
        ("fx_rate", RATE),
        ("reporting_billed_cost", MONEY),
        ("reporting_effective_cost", MONEY),
        ("origin_billing_month", DATE),
        ("adjustment_cause", TEXT),
    ]
)
CHARGEBACK_FEES = pa.schema(
    [
        ("statement_line_id", TEXT),
        ("document_id", TEXT),
        ("billing_month", DATE),
        ("service_provider_name", TEXT),
        ("billing_account_id", TEXT),
        ("billing_currency", TEXT),
        ("team_id", TEXT),
        ("cost_center_id", TEXT),
        ("fee_name", TEXT),
        ("recovery_account", TEXT),
        ("recovery_cost_center_id", TEXT),
        ("allocation_rule", TEXT),
        ("base_cost", MONEY),
        ("billed_cost", MONEY),
        ("reporting_currency", TEXT),
        ("reporting_billed_cost", MONEY),
    ]
)
INVOICE_PAYMENTS = pa.schema(
    [
        ("payment_id", TEXT),
        ("billing_month", DATE),
        ("service_provider_name", TEXT),
        ("billing_account_id", TEXT),
        ("invoice_id", TEXT),
        ("billing_currency", TEXT),
        ("settled_cost", MONEY),
        ("paid_on", DATE),
        ("payment_currency", TEXT),
        ("paid_cost", MONEY),
        ("payment_source", TEXT),
    ]
)
FX_RATES = pa.schema(
    [
        ("rate_month", DATE),
        ("from_currency", TEXT),
        ("to_currency", TEXT),
        ("fx_rate", RATE),
        ("fx_rate_kind", TEXT),
        ("is_carried", BOOL),
        ("stated_month", DATE),
        ("rate_date", DATE),
        ("rate_source", TEXT),
    ]
)
# The other files of a close, as they are: what a changed one said can be told to the byte.
FILES = pa.schema([("file_name", TEXT), ("content_base64", TEXT)])

LARGEST_LINE = 32 << 20
SQL_TYPES = {
    TEXT: "varchar",
    WHOLE: "bigint",
    BOOL: "boolean",
    DATE: "date",
    MOMENT: "timestamp",
    MONEY: "decimal(38, 12)",
    RATE: "decimal(38, 18)",
}


def read_sql(schema: pa.Schema) -> str:
    """Return SQL that reads a closed month's file at $path, in its order, each column as it was."""
    columns = ", ".join(f"'{field.name}': '{SQL_TYPES[field.type]}'" for field in schema)
    return (
        "select * from read_csv($path, header = true, auto_detect = false, delim = ',', "
        "quote = '\"', escape = '\"', nullstr = '', allow_quoted_nulls = false, "
        # A bill's tags may be long; DuckDB's own limit of a line is two million bytes.
        f"parallel = false, max_line_size = {LARGEST_LINE}, buffer_size = {2 * LARGEST_LINE}, "
        f"columns = {{{columns}}})"
    )


def write_sql(schema: pa.Schema, rows: str) -> str:
    """Return SQL that writes rows into $path as `read_sql` reads them: '' is text, nothing NULL."""
    texts = ", ".join(f'"{field.name}"' for field in schema if field.type == TEXT)
    columns = ", ".join(
        f'cast("{field.name}" as {SQL_TYPES[field.type]}) as "{field.name}"' for field in schema
    )
    return (
        f"copy (select {columns} from ({rows})) to $path "
        f"(format csv, header, force_quote ({texts}), nullstr '')"
    )
