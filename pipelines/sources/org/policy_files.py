"""What was decided, of AI services and of statements: the policy folder's audit trails."""

from __future__ import annotations

from pipelines.sources.limits import LARGEST_AMOUNT
from pipelines.sources.org.columns import IS_CURRENCY, PERIOD, Column, Fault, OrgFile

DECISIONS = ("sanctioned", "tolerated", "blocked", "under_review")
FINDING_KINDS = (
    "unapproved_service", "unapproved_plan", "bypassed_gateway", "unregistered_key", "retired_key",
    "shared_key", "tool_without_seat", "personal_account",
)  # fmt: skip
ACCEPTANCE_STATES = ("accepted", "disputed", "resolved")
# Somewhere it is tomorrow already.
DECIDED_LATER = "decided_on > current_date + 1"

POLICY_FILES = (
    OrgFile(
        "ai_service_decisions",
        "ai_service_decisions.csv",
        (
            Column("ai_service_id", is_required=True),
            Column("finding_kind", values=FINDING_KINDS),
            Column("team_id"),
            Column("plan_name"),
            Column("decision", is_required=True, values=DECISIONS),
            *PERIOD,
            Column("decided_by", is_required=True),
            Column("decided_on", "date", is_required=True),
            Column("reason", is_required=True),
        ),
        folder_setting="policy_folder",
        faults=(
            Fault(
                "decision = 'tolerated' and valid_to is null",
                "missing_value",
                "What is tolerated has an end: fill in valid_to.",
            ),
            Fault(
                DECIDED_LATER,
                "bad_timestamp",
                "decided_on is in the future: write the day of the decision there, and the day "
                "from which it holds as valid_from.",
            ),
        ),
    ),
    OrgFile(
        "statement_acceptances",
        "statement_acceptances.csv",
        (
            Column("billing_month", "date", is_required=True),
            Column("team_id", is_required=True),
            Column("billing_currency", is_required=True),
            Column("acceptance_state", is_required=True, values=ACCEPTANCE_STATES),
            Column(
                "statement_cost", "number", is_required=True, largest=LARGEST_AMOUNT, is_signed=True
            ),
            Column("disputed_cost", "number", largest=LARGEST_AMOUNT, is_signed=True),
            Column("service_name"),
            Column("decided_by", is_required=True),
            Column("decided_on", "date", is_required=True),
            Column("reason"),
        ),
        folder_setting="policy_folder",
        faults=(
            Fault(
                f"not {IS_CURRENCY.format('billing_currency')}",
                "bad_value",
                "Write billing_currency as ISO 4217 does, such as EUR.",
            ),
            Fault(
                "acceptance_state = 'disputed' and (disputed_cost is null or reason is null)",
                "missing_value",
                "A dispute says of how much, and why: fill in disputed_cost and reason.",
            ),
            Fault(
                "acceptance_state <> 'disputed' and disputed_cost is not null",
                "bad_value",
                "Only a dispute has a disputed_cost: leave it empty.",
            ),
            Fault(
                "acceptance_state = 'accepted' and service_name is not null",
                "bad_value",
                "A statement is accepted as a whole: leave service_name empty.",
            ),
            Fault(
                DECIDED_LATER,
                "bad_timestamp",
                "decided_on is in the future: write the day of the decision.",
            ),
        ),
    ),
)
