"""The lake's tables whose rows say what a person did, by family of signals.

Of a record that is forgotten the lake keeps its place (unit, line) and its day, so that every
account of what was loaded holds as before; of traffic it keeps a count a day and host, of tools all
that is not the person's.
"""

from __future__ import annotations

from dataclasses import dataclass

JOURNAL = "purge.json"
"""What a purge has begun to do, in the home."""
FORGOTTEN = "forgotten"
"""The kind of actor in counts of traffic whose persons are forgotten."""


@dataclass(frozen=True)
class PersonTable:
    """One table of the lake."""

    source_name: str
    family: str
    table_name: str
    moment: str
    """Column that says when it was."""
    persons: tuple[str, ...]
    """Columns of pseudonyms, the person's own first."""
    told: str = ""
    """Column that every record has until it is forgotten; empty = counts, which stay."""
    series: tuple[str, ...] = ()
    """Pseudonyms by which counters are told apart, hashed again: without them sums would change."""
    shared: str = ""
    """SQL for records that bills are shared out by: they keep their person, as bills do."""

    @property
    def is_traffic(self) -> bool:
        """Whether its rows are counts by the hour, which are summed up by the day."""
        return self.family == "network"

    @property
    def is_kept(self) -> bool:
        """Whether its records stay but for their persons: tokens and money are of them."""
        return self.family == "tool"

    @property
    def still_told(self) -> str:
        """SQL for whether a row says something of a person still."""
        if self.is_kept:
            named = " or ".join(f"{name} is not null" for name in self.persons)
            return f"(({named}) and not ({self.shared or 'false'}))"
        if self.is_traffic:
            return f"(coalesce(is_listed, false) and coalesce(actor_kind, '') <> '{FORGOTTEN}')"
        return f"({self.told} is not null)"


TRAFFIC = ("squid", "zeek", "zscaler_nss", "cloudflare_gateway", "netskope", "umbrella")
PERSON_TABLES = (
    *(PersonTable(name, "network", "egress", "period_start", ("actor_id",)) for name in TRAFFIC),
    PersonTable(
        "okta", "identity", "events", "published", ("user_id", "okta_user_id", "session_id"),
        "event_type",
    ),
    PersonTable(
        "google_workspace", "identity", "events", "event_time", ("user_id",), "application"
    ),
    PersonTable(
        "entra", "identity", "events", "event_time", ("user_id", "entra_user_id", "principal_id"),
        "operation_name",
    ),
    PersonTable(
        "expenses", "card", "lines", "expensed_at", ("user_id", "card_last_four"), "merchant_name"
    ),
    PersonTable(
        "card_transactions", "card", "transactions", "transacted_at",
        ("user_id", "card_id", "card_last_four"), "merchant_name",
    ),
    PersonTable("claude_code", "tool", "messages", "occurred_at", ("user_id", "project_id")),
    PersonTable("codex", "tool", "token_counts", "occurred_at", ("user_id", "project_id")),
    PersonTable(
        "claude_code_otel", "tool", "points", "observed_at", ("user_id",), series=("series_id",)
    ),
    PersonTable("claude_code_analytics", "tool", "usage", "usage_date", ("user_id",)),
    PersonTable("github_copilot", "tool", "activity", "activity_date", ("user_id",)),
    PersonTable("enterprise_seats", "tool", "usage_rows", "usage_start", ("user_id", "actor_id")),
    # An event that may be charged is a line of the bill, which its person's team may owe.
    PersonTable(
        "cursor", "tool", "usage_events", "event_at", ("user_id",),
        shared="coalesce(is_chargeable, true)",
    ),
)  # fmt: skip
