"""What was decided about AI services: the policy folder's file, kept as an audit trail."""

from __future__ import annotations

from pipelines.sources.org.columns import PERIOD, Column, Fault, OrgFile

DECISIONS = ("sanctioned", "tolerated", "blocked", "under_review")
FINDING_KINDS = (
    "unapproved_service", "unapproved_plan", "bypassed_gateway", "unregistered_key", "retired_key",
    "shared_key", "tool_without_seat", "personal_account",
)  # fmt: skip

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
            # Somewhere it is tomorrow already.
            Fault(
                "decided_on > current_date + 1",
                "bad_timestamp",
                "decided_on is in the future: write the day of the decision there, and the day "
                "from which it holds as valid_from.",
            ),
        ),
    ),
)
