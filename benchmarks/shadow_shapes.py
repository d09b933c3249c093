"""What is planted in a made-up company: what its systems saw, billed and decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

NOBODY = "unallocated"
ALWAYS = date(9999, 12, 31)


@dataclass(frozen=True)
class Seen:
    """One thing that a log, statement or bill tells; without a service it only looks alike."""

    source: str
    kind: str
    day: date
    person: str
    name: str
    """Host, application or merchant, as it is written."""
    service: str = ""
    is_use: bool = True
    amount: Decimal = Decimal(0)
    currency: str = ""
    category: str = ""
    status: str = "posted"
    is_reported: bool = False
    """Whether an expense report has the charge too."""


@dataclass(frozen=True)
class ToolUse:
    """A day of a person's Claude Code, over some account; `finding` is what is wrong with it."""

    person: str
    day: date
    account: str
    finding: str = ""


@dataclass(frozen=True)
class Charge:
    """One line of a provider's bill; `findings` are what its key is guilty of that day."""

    provider: str
    account: str
    project: str
    key: str
    model: str
    day: date
    amount: Decimal
    team: str
    findings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decision:
    """A line of ai_service_decisions.csv."""

    service: str
    team: str
    decision: str
    starts: date
    ends: date = ALWAYS
    plan: str = ""
    finding_kind: str = ""
    decided: date = date(2025, 1, 1)


@dataclass
class Company:
    """All that is true of it."""

    seed: int
    days: list[date]
    owners: list[tuple[str, str, str, str, date | None, date | None]] = field(default_factory=list)
    """Kind, provider, key, team, from, to."""
    teams: list[str] = field(default_factory=list)
    persons: list[str] = field(default_factory=list)
    seats: dict[str, str] = field(default_factory=dict)
    """Who has a seat of OpenAI's, and its plan."""
    tool_seats: list[str] = field(default_factory=list)
    """Who has a seat of Anthropic's."""
    tools: list[ToolUse] = field(default_factory=list)
    keys: list[tuple[str, str, str, date | None, date | None]] = field(default_factory=list)
    """Provider, key, route, from, to."""
    seen: list[Seen] = field(default_factory=list)
    charges: list[Charge] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)

    def team_of(self, person: str, day: date) -> str:
        """Return whose a person is on a day."""
        for kind, _, key, team, starts, ends in self.owners:
            is_then = (starts or day) <= day < (ends or ALWAYS)
            if kind == "user" and key == person and is_then:
                return team
        return NOBODY
