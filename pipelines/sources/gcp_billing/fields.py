"""The columns of Cloud Billing's usage export that are read, and those that are made of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pyarrow as pa

from pipelines.sources.bill_account import EMAIL
from pipelines.sources.limits import LARGEST_AMOUNT
from pipelines.sources.records import Field, table_of

if TYPE_CHECKING:
    from pipelines.load import LoadContext

FIELDS = (
    Field("billing_account_id", is_required=True),
    Field("invoice_month", path="invoice.month", is_required=True),
    Field("publisher_type", path="invoice.publisher_type"),
    Field("cost_type"),
    Field("service_id", path="service.id"),
    Field("service_name", path="service.description"),
    Field("sku_id", path="sku.id"),
    Field("sku_name", path="sku.description"),
    Field("usage_start", "moment", path="usage_start_time", is_required=True),
    Field("usage_end", "moment", path="usage_end_time"),
    Field("export_time", "moment", is_required=True),
    Field("project_id", path="project.id"),
    Field("project_number", path="project.number"),
    Field("project_name", path="project.name"),
    Field("location", path="location.location"),
    Field("region", path="location.region"),
    Field("resource_name", path="resource.name"),
    Field("resource_global_name", path="resource.global_name"),
    Field("cost", "decimal", is_required=True),
    Field("currency", is_required=True),
    Field("currency_conversion_rate", "decimal"),
    Field("cost_at_list", "decimal"),
    Field("effective_price", "decimal", path="price.effective_price"),
    Field("usage_amount", "decimal", path="usage.amount"),
    Field("usage_unit", path="usage.unit"),
    Field("pricing_amount", "decimal", path="usage.amount_in_pricing_units"),
    Field("pricing_unit", path="usage.pricing_unit"),
    Field("credits", "json"),
    Field("adjustment_id", path="adjustment_info.id"),
    Field("adjustment_type", path="adjustment_info.type"),
    Field("adjustment_mode", path="adjustment_info.mode"),
    Field("consumption_model", path="consumption_model.description"),
    Field("transaction_type"),
    Field("seller_name"),
    Field("subscription_id", path="subscription.instance_id"),
    Field("labels", "json"),
    Field("system_labels", "json"),
    Field("project_labels", "json", path="project.labels"),
    Field("resource_tags", "json", path="tags"),
)
LABELS = ("project_labels", "system_labels", "resource_tags", "labels")
"""All of them become the column `tags`."""

CHARGES = pa.schema(
    [
        *table_of([field for field in FIELDS if field.name not in LABELS]),
        ("billing_period_start", pa.timestamp("us")),
        ("credit_cost", pa.decimal128(38, 12)),
        ("credit_names", pa.string()),
        ("tags", pa.string()),
    ]
)
LEFT_OUT = pa.schema(
    [
        ("billing_account_id", pa.string()),
        ("billing_period_start", pa.timestamp("us")),
        ("service_id", pa.string()),
        ("service_name", pa.string()),
        ("cost_type", pa.string()),
        ("currency", pa.string()),
        ("charge_count", pa.int64()),
        ("net_cost", pa.decimal128(38, 12)),
    ]
)
_MONTH = "invoice_month || '01'"
# An amount of `true` would pass for 1.
_AMOUNTS = """from_json(
    if(json_valid(credits) and json_type(credits) = 'ARRAY', credits, '[{}]'),
    '[{"amount": "DECIMAL(38,12)", "name": "VARCHAR"}]'
)"""
_AMOUNT_TEXTS = """from_json(
    if(json_valid(credits) and json_type(credits) = 'ARRAY', credits, '[]'),
    '[{"amount": "VARCHAR"}]'
)"""
REFUSES = f"""case
    when billing_period_start is null then 'bad_timestamp'
    when credits is null then null
    when list_bool_or(list_transform(credit_list, lambda one:
        one.amount is null or abs(one.amount) > {LARGEST_AMOUNT}))
        or list_bool_or(list_transform({_AMOUNT_TEXTS}, lambda one:
            one.amount in ('true', 'false')))
        then 'bad_number'
end"""


def made(context: LoadContext) -> Mapping[str, str]:
    """Return the SQL of what the lake has beside the fields: the month, credits, tags."""
    return {
        "billing_period_start": (
            "case when regexp_full_match(invoice_month, '2[0-9]{3}(0[1-9]|1[0-2])') "
            f"then cast(strptime({_MONTH}, '%Y%m%d') as timestamp) end"
        ),
        "credit_list": f"if(credits is null, [], {_AMOUNTS})",
        # Summed inside of the line: joined to its credits, its cost would count once for each.
        "credit_cost": "coalesce(list_sum(list_transform(credit_list, lambda one: one.amount)), 0)",
        "credit_names": "nullif(array_to_string(list_sort(list_distinct(list_transform("
        "credit_list, lambda one: one.name))), '; '), '')",
        "net_cost": "cast(cost + credit_cost as decimal(38, 12))",
        "tags": _tags_sql(context),
    }


def _tags_sql(context: LoadContext) -> str:
    """Return SQL of all labels as one object; of a key that stands twice the last counts."""
    email = f"regexp_full_match(one.value, '{EMAIL}')"
    lists = ", ".join(
        f"""list_transform(
            coalesce(from_json(if(json_valid({name}), {name}, null),
                '[{{"key": "VARCHAR", "value": "VARCHAR"}}]'), []),
            lambda one: {{'key': '{prefix}' || one.key, 'value': one.value}}
        )"""
        for name, prefix in zip(LABELS, ("project/", "", "tag/", ""), strict=True)
    )
    return f"""cast(list_reduce(
        [json('{{}}')] || list_transform(
            list_filter(flatten([{lists}]), lambda one: one.key is not null),
            lambda one: json_object(one.key, coalesce(
                case when {email} then {context.pseudonym_sql("one.value")} else one.value end, ''
            ))
        ),
        lambda one, other: json_merge_patch(one, other)
    ) as varchar)"""
