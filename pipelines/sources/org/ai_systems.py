"""ai_systems.csv: which usage an AI system is made of, and who answers for it."""

from __future__ import annotations

from pipelines.sources.org.columns import IS_GATEWAY, PERIOD, Column, Fault, OrgFile

MEMBER_KINDS = ("credential", "sub_account", "tag", "agent", "gateway_team")
STARTS = "coalesce({}.valid_from, date '0001-01-01')"
ENDS = "coalesce({}.valid_to, date '9999-12-31')"

# Parentheses, for the test of a fault is a part of an expression.
_CLAIMED_ABOVE = f"""
    line_number in (
        select below.line_number
        from typed as below
        inner join typed as above
            on below.member_kind = above.member_kind
            and below.member_key = above.member_key
            and below.service_provider_name is not distinct from above.service_provider_name
            and above.line_number < below.line_number
            and {STARTS.format("above")} < {ENDS.format("below")}
            and {STARTS.format("below")} < {ENDS.format("above")}
    )
"""

AI_SYSTEMS = OrgFile(
    "ai_systems",
    "ai_systems.csv",
    (
        Column("ai_system_id", is_required=True),
        Column("ai_system_name"),
        Column("team_id", is_required=True),
        Column("member_kind", is_required=True, values=MEMBER_KINDS),
        Column("service_provider_name"),
        Column(
            "member_key",
            is_required=True,
            is_hashed_where=f"lower(text_member_kind) = 'credential' and {IS_GATEWAY}",
        ),
        *PERIOD,
    ),
    faults=(
        Fault(
            "member_kind = 'tag' and not regexp_matches(member_key, '^[^=]+=.')",
            "bad_value",
            "Write the member_key of a tag as key=value.",
        ),
        Fault(
            _CLAIMED_ABOVE,
            "claimed_twice",
            "A line above claims the same on the same days: end one of the two, or take it out.",
        ),
    ),
)
