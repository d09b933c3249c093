"""The organisation's files: which columns each has, and what makes a line unusable."""

from __future__ import annotations

from pipelines.sources.limits import (
    LARGEST_AMOUNT,
    LARGEST_COUNT,
    LARGEST_PRICE_PER_MILLION,
    LARGEST_RATE,
)
from pipelines.sources.org.columns import Column, Fault, OrgFile

PERIOD = (Column("valid_from", "date"), Column("valid_to", "date"))
IS_GATEWAY = "lower(text_service_provider_name) = 'litellm'"
IS_CURRENCY = "regexp_full_match({}, '[A-Z]{{3}}')"
TOKEN_CLASSES = (
    "input_uncached", "cache_read", "cache_read_audio", "cache_read_image", "cache_write_5m",
    "cache_write_1h", "input_audio", "input_image", "input_video",
    "output", "reasoning", "output_audio", "output_image", "output_video",
)  # fmt: skip
PRICE_CLASSES = (
    *TOKEN_CLASSES, "web_search", "file_search", "audio_second", "image", "character", "page",
)  # fmt: skip
SERVICE_TIERS = ("standard", "batch", "flex", "priority")
COMMITMENT_KINDS = ("provisioned_throughput", "committed_spend", "prepaid_credit")
OWNER_KINDS = ("credential", "sub_account", "user", "tag", "gateway_team", "service_provider")

FILES = (
    OrgFile(
        "teams",
        "teams.csv",
        (
            Column("team_id", is_required=True),
            Column("team_name"),
            Column("cost_center_id"),
            Column("parent_team_id"),
            *PERIOD,
        ),
    ),
    OrgFile(
        "owners",
        "owners.csv",
        (
            Column("owner_kind", is_required=True, values=OWNER_KINDS),
            Column("service_provider_name"),
            Column(
                "owner_key",
                is_required=True,
                is_hashed_where="lower(text_owner_kind) = 'user' "
                f"or (lower(text_owner_kind) = 'credential' and {IS_GATEWAY})",
            ),
            Column("team_id", is_required=True),
            *PERIOD,
        ),
    ),
    OrgFile(
        "credentials",
        "credentials.csv",
        (
            Column("service_provider_name", is_required=True),
            Column("credential_id", is_required=True, is_hashed_where=IS_GATEWAY),
            Column("credential_name"),
            Column("route", is_required=True, values=("gateway", "direct")),
            *PERIOD,
        ),
    ),
    OrgFile(
        "shared_costs",
        "shared_costs.csv",
        (
            Column("service_provider_name"),
            Column("charge_category"),
            Column("sub_account_id"),
            Column("method", is_required=True, values=("proportional", "even", "fixed")),
            Column("team_id"),
            Column("share", "number", largest=1),
            *PERIOD,
        ),
        faults=(
            Fault(
                "method = 'fixed' and (team_id is null or share is null)",
                "missing_value",
                "A fixed share needs team_id and share.",
            ),
        ),
    ),
    OrgFile(
        "fx_rates",
        "fx_rates.csv",
        (
            Column("rate_month", "date", is_required=True),
            Column("from_currency", is_required=True),
            Column("to_currency", is_required=True),
            Column("rate", "number", is_required=True, largest=LARGEST_RATE),
            Column("rate_date", "date"),
            Column("rate_source"),
        ),
        faults=(
            Fault(
                f"not ({IS_CURRENCY.format('from_currency')} "
                f"and {IS_CURRENCY.format('to_currency')})",
                "bad_value",
                "Write currencies as ISO 4217 does, such as EUR.",
            ),
            Fault(
                "from_currency = to_currency",
                "bad_value",
                "A rate is between two currencies: take the line out.",
            ),
            Fault(
                "rate <= 0",
                "bad_number",
                "A rate is above zero: what one unit of from_currency costs.",
            ),
        ),
    ),
    OrgFile(
        "seat_prices",
        "seat_prices.csv",
        (
            Column("service_provider_name", is_required=True),
            Column("plan_name"),
            Column("monthly_price", "number", is_required=True, largest=LARGEST_AMOUNT),
            Column("currency", is_required=True),
            *PERIOD,
        ),
    ),
    OrgFile(
        "outcomes",
        "outcomes.csv",
        (
            Column("outcome_month", "date", is_required=True),
            Column("team_id", is_required=True),
            Column("outcome_kind", is_required=True),
            Column("quantity", "number", is_required=True, largest=LARGEST_COUNT),
            Column("outcome_source"),
        ),
        faults=(
            Fault(
                "quantity <> floor(quantity)",
                "bad_number",
                "Count whole units of work.",
            ),
        ),
    ),
    OrgFile(
        "reconciliation_tolerances",
        "reconciliation_tolerances.csv",
        (
            Column("service_provider_name"),
            Column("billing_account_id"),
            Column("tolerance_amount", "number", largest=LARGEST_AMOUNT),
            Column("currency"),
            Column("tolerance_share", "number", largest=1),
            *PERIOD,
            Column("reason"),
        ),
        faults=(
            Fault(
                "tolerance_amount is null and tolerance_share is null",
                "missing_value",
                "A tolerance is an amount, a share of the invoice, or both.",
            ),
            Fault(
                "tolerance_amount is not null "
                f"and not coalesce({IS_CURRENCY.format('currency')}, false)",
                "bad_value",
                "Write the currency of the amount as ISO 4217 does, such as EUR.",
            ),
            Fault(
                "billing_account_id is not null and service_provider_name is null",
                "missing_value",
                "An account is one of a provider: fill in service_provider_name.",
            ),
        ),
    ),
    OrgFile(
        "reconciliation_signoffs",
        "reconciliation_signoffs.csv",
        (
            Column("billing_month", "date", is_required=True),
            Column("service_provider_name", is_required=True),
            Column("billing_account_id", is_required=True),
            Column("billing_currency", is_required=True),
            Column("ai_model_id"),
            Column("token_class"),
            Column("service_tier", values=SERVICE_TIERS),
            Column(
                "unexplained_cost",
                "number",
                is_required=True,
                largest=LARGEST_AMOUNT,
                is_signed=True,
            ),
            Column("effective_unexplained_cost", "number", largest=LARGEST_AMOUNT, is_signed=True),
            Column("signed_off_by", is_required=True),
            Column("signed_off_on", "date", is_required=True),
            Column("reason", is_required=True),
        ),
    ),
    OrgFile(
        "commitments",
        "commitments.csv",
        (
            Column("service_provider_name", is_required=True),
            Column("billing_account_id", is_required=True),
            Column("commitment_id", is_required=True),
            Column("commitment_name"),
            Column("commitment_kind", is_required=True, values=COMMITMENT_KINDS),
            Column("ai_model_id"),
            Column("service_tier", values=SERVICE_TIERS),
            Column("committed_quantity", "number", is_required=True, largest=LARGEST_AMOUNT),
            Column("committed_unit", is_required=True),
            Column("monthly_cost", "number", is_required=True, largest=LARGEST_AMOUNT),
            Column("currency", is_required=True),
            Column("valid_from", "date", is_required=True),
            Column("valid_to", "date"),
        ),
        faults=(
            Fault(
                f"not {IS_CURRENCY.format('currency')}",
                "bad_value",
                "Write the currency as ISO 4217 does, such as EUR.",
            ),
            Fault(
                "committed_quantity <= 0",
                "bad_number",
                "committed_quantity is what a month has of it: above zero.",
            ),
        ),
    ),
    OrgFile(
        "budgets",
        "budgets.csv",
        (
            Column("scope_kind", is_required=True, values=BUDGET_SCOPES),
            Column("scope_id", is_required=True),
            Column("period", is_required=True, values=("month", "quarter")),
            Column("amount", "number", is_required=True, largest=LARGEST_AMOUNT),
            Column("currency", is_required=True),
            Column("thresholds"),
            Column("contact"),
            *PERIOD,
        ),
        faults=(
            Fault("amount <= 0", "bad_number", "A budget is above zero: take the line out."),
            Fault(
                f"not {IS_CURRENCY.format('currency')}",
                "bad_value",
                "Write currencies as ISO 4217 does, such as EUR.",
            ),
            Fault(
                f"not regexp_full_match(thresholds, '{THRESHOLD}( *; *{THRESHOLD}){{0,5}}') "
                "or regexp_matches(thresholds, '(^|;) *0+([.]0+)? *(;|$)')",
                "bad_value",
                "Write thresholds as one to six shares above zero, such as 0.5;0.8;1.",
            ),
        ),
    ),
    OrgFile(
        "gl_accounts",
        "gl_accounts.csv",
        (
            Column("service_provider_name"),
            Column("charge_category"),
            Column("expense_account", is_required=True),
            Column("clearing_account", is_required=True),
            *PERIOD,
        ),
    ),
    OrgFile(
        "price_overrides",
        "overrides.csv",
        (
            Column("service_provider_name", is_required=True),
            Column("model_name", is_required=True),
            Column("token_class", is_required=True, values=PRICE_CLASSES),
            Column("service_tier", values=SERVICE_TIERS),
            Column("context_tier"),
            Column(
                "unit_price_per_million",
                "number",
                is_required=True,
                largest=LARGEST_PRICE_PER_MILLION,
            ),
            Column("currency", is_required=True),
            *PERIOD,
            Column("reason"),
            Column("source_url"),
        ),
        folder_setting="pricing_folder",
    ),
    OrgFile(
        "price_aliases",
        "aliases.csv",
        (
            Column("service_provider_name", is_required=True),
            Column("alias", is_required=True),
            Column("stands_for", is_required=True),
            *PERIOD,
            Column("reason"),
        ),
        folder_setting="pricing_folder",
    ),
    OrgFile(
        "price_discounts",
        "discounts.csv",
        (
            Column("service_provider_name", is_required=True),
            Column("model_name"),
            Column("token_class", values=PRICE_CLASSES),
            Column("service_tier", values=SERVICE_TIERS),
            Column("discount_percent", "number", is_required=True, largest=100),
            *PERIOD,
            Column("reason"),
            Column("source_url"),
        ),
        folder_setting="pricing_folder",
    ),
)
