"""The columns of a Cost and Usage Report that are read, named as CUR 2.0 names them.

A legacy report writes `lineItem/UsageType` for `line_item_usage_type`: the reader takes either.
What 2.0 keeps in a map (`product`, `resource_tags`), a legacy report has as columns of its own.
"""

from __future__ import annotations

import pyarrow as pa

from pipelines.sources.aws_callers import caller_fields
from pipelines.sources.records import Field, table_of

FIELDS = (
    Field("line_item_id", path="identity_line_item_id"),
    Field("time_interval", path="identity_time_interval"),
    Field("invoice_id", path="bill_invoice_id"),
    Field("invoicing_entity", path="bill_invoicing_entity"),
    Field("billing_entity", path="bill_billing_entity"),
    Field("bill_type", path="bill_bill_type"),
    Field("payer_account_id", path="bill_payer_account_id", is_required=True),
    Field("payer_account_name", path="bill_payer_account_name"),
    Field(
        "billing_period_start", "moment", path="bill_billing_period_start_date", is_required=True
    ),
    Field("billing_period_end", "moment", path="bill_billing_period_end_date", is_required=True),
    Field("usage_account_id", path="line_item_usage_account_id"),
    Field("usage_account_name", path="line_item_usage_account_name"),
    Field("line_type", path="line_item_line_item_type", is_required=True),
    Field("usage_start", "moment", path="line_item_usage_start_date", is_required=True),
    Field("usage_end", "moment", path="line_item_usage_end_date"),
    Field("product_code", path="line_item_product_code"),
    Field("product_name", path="product_product_name", also=("product.product_name",)),
    Field("product_model", path="product_model", also=("product.model",)),
    Field("usage_type", path="line_item_usage_type"),
    Field("operation", path="line_item_operation"),
    Field("resource_id", path="line_item_resource_id"),
    *caller_fields("line_item_iam_principal"),
    Field("region_code", path="product_region_code", also=("product_region", "product.region")),
    Field("sku", path="product_sku", also=("product.sku",)),
    Field("rate_code", path="pricing_rate_code"),
    Field("usage_amount", "decimal", path="line_item_usage_amount"),
    Field("pricing_unit", path="pricing_unit"),
    Field("description", path="line_item_line_item_description"),
    Field("currency_code", path="line_item_currency_code", is_required=True),
    Field("unblended_cost", "decimal", path="line_item_unblended_cost", is_required=True),
    Field("net_unblended_cost", "decimal", path="line_item_net_unblended_cost"),
    Field("public_on_demand_cost", "decimal", path="pricing_public_on_demand_cost"),
    Field(
        "savings_plan_effective_cost", "decimal", path="savings_plan_savings_plan_effective_cost"
    ),
    Field(
        "savings_plan_total_commitment",
        "decimal",
        path="savings_plan_total_commitment_to_date",
    ),
    Field("savings_plan_used_commitment", "decimal", path="savings_plan_used_commitment"),
    Field("reservation_effective_cost", "decimal", path="reservation_effective_cost"),
    Field(
        "reservation_unused_upfront",
        "decimal",
        path="reservation_unused_amortized_upfront_fee_for_billing_period",
    ),
    Field("reservation_unused_recurring", "decimal", path="reservation_unused_recurring_fee"),
    Field("resource_tags", "json", path="resource_tags", prefix="resourceTags/"),
    Field("all_tags", "json", path="tags", prefix="iamPrincipal/"),
)
TAGS = ("resource_tags", "all_tags")
"""Both become the column `tags`."""

CHARGES = pa.schema(
    [
        *table_of([field for field in FIELDS if field.name not in TAGS]),
        pa.field("tags", pa.string()),
    ]
)
LEFT_OUT = pa.schema(
    [
        ("payer_account_id", pa.string()),
        ("billing_period_start", pa.timestamp("us")),
        ("product_code", pa.string()),
        ("product_name", pa.string()),
        ("line_type", pa.string()),
        ("currency_code", pa.string()),
        ("charge_count", pa.int64()),
        ("unblended_cost", pa.decimal128(38, 12)),
    ]
)
