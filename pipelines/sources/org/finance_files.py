"""What finance keeps: rates, outcomes, budgets, commitments, tolerances, sign-offs, accounts."""

from __future__ import annotations

from pipelines.sources.limits import LARGEST_AMOUNT, LARGEST_COUNT, LARGEST_RATE
from pipelines.sources.org.columns import (
    IS_CURRENCY,
    PERIOD,
    SERVICE_TIERS,
    Column,
    Fault,
    OrgFile,
)

COMMITMENT_KINDS = ("provisioned_throughput", "committed_spend", "prepaid_credit")
BUDGET_SCOPES = ("team", "cost_center", "service_provider", "agent", "ai_system")
THRESHOLD = "[0-9]{1,2}([.][0-9]{1,4})?"

FINANCE_FILES = (
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
                f"rate * {LARGEST_RATE} < 1",
                "bad_number",
                f"A rate is one in {LARGEST_RATE} or more: what one unit of from_currency costs.",
            ),
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
            Column("purchased_as"),
            Column("owner_team_id"),
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
            Fault(
                "purchased_as is not null and monthly_cost <= 0",
                "bad_number",
                "What is bought is spread by monthly_cost: above zero.",
            ),
            Fault(
                "purchased_as is not null and commitment_kind = 'prepaid_credit' "
                "and monthly_cost > 9 * committed_quantity",
                "bad_number",
                "Credits cost about what they are worth: monthly_cost is what committed_quantity "
                "of them costs.",
            ),
            Fault(
                "purchased_as is not null and owner_team_id is null",
                "missing_value",
                "Fill in owner_team_id: the team that pays for what stays unused.",
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
            Column("billing_account_id", may_lack=True),
            Column("charge_category"),
            Column("expense_account", is_required=True),
            Column("clearing_account", is_required=True),
            Column("accrual_account", may_lack=True),
            Column("company_id", may_lack=True),
            Column("due_from_account", may_lack=True),
            Column("due_to_account", may_lack=True),
            *PERIOD,
        ),
        faults=(
            Fault(
                "billing_account_id is not null and service_provider_name is null",
                "missing_value",
                "An account is one of a provider: fill in service_provider_name.",
            ),
        ),
    ),
    OrgFile(
        "invoice_payments",
        "invoice_payments.csv",
        (
            Column("service_provider_name", is_required=True),
            Column("billing_account_id", is_required=True),
            Column("invoice_id", is_required=True),
            Column("billing_currency", is_required=True),
            Column(
                "settled_amount", "number", is_required=True, largest=LARGEST_AMOUNT, is_signed=True
            ),
            Column("paid_on", "date", is_required=True),
            Column("payment_currency", is_required=True),
            Column(
                "paid_amount", "number", is_required=True, largest=LARGEST_AMOUNT, is_signed=True
            ),
            Column("payment_source"),
        ),
        faults=(
            Fault(
                f"not ({IS_CURRENCY.format('billing_currency')} "
                f"and {IS_CURRENCY.format('payment_currency')})",
                "bad_value",
                "Write currencies as ISO 4217 does, such as EUR.",
            ),
            Fault(
                "paid_on > current_date + 1",
                "bad_timestamp",
                "paid_on is in the future: write a payment when it is made.",
            ),
            Fault(
                "billing_currency = payment_currency and settled_amount <> paid_amount",
                "bad_number",
                "In one currency what is paid is what is settled: write the same amount in both.",
            ),
        ),
    ),
    OrgFile(
        "chargeback_fees",
        "chargeback_fees.csv",
        (
            Column("fee_name", is_required=True),
            Column("team_id"),
            Column("fee_percent", "number", largest=100),
            Column("monthly_amount", "number", largest=LARGEST_AMOUNT),
            Column("currency"),
            Column("recovery_account", is_required=True),
            Column("recovery_cost_center_id"),
            *PERIOD,
        ),
        faults=(
            Fault(
                "(fee_percent is null) = (monthly_amount is null)",
                "missing_value",
                "A fee is fee_percent of what a team is charged, or a monthly_amount: give one.",
            ),
            Fault(
                "monthly_amount is not null "
                f"and not coalesce({IS_CURRENCY.format('currency')}, false)",
                "bad_value",
                "Write the currency of monthly_amount as ISO 4217 does, such as EUR.",
            ),
            Fault(
                "fee_percent <> round(fee_percent, 6)",
                "bad_number",
                "Write fee_percent with six decimals at most.",
            ),
        ),
    ),
)
