"""Traffic of one site of the demo company: AI nobody signed off, among ten times as much beside it.

The names of the other hosts are written so that a careless comparison takes some for an AI service.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from pipelines.demo.window import Window

LOOK_ALIKES = 10
# A number of persons that has no divisor with that of the hosts: all of them ask for each.
INNOCENT_PERSONS = 11


@dataclass(frozen=True)
class Use:
    """So many persons who ask a service once each day; `is_told`: the log says what came of it."""

    host: str
    ai_service_id: str
    persons: int
    is_blocked: bool = False
    is_told: bool = True
    signal_kind: str = "http"
    team_id: str | None = None

    @property
    def action(self) -> str:
        """What the log says of it."""
        if not self.is_told:
            return "unknown"
        return "blocked" if self.is_blocked else "allowed"


@dataclass(frozen=True)
class Visit:
    """One record that a log has to tell: who asked which host when, and its place in the day."""

    number: int
    at: datetime
    host: str
    person: int
    is_blocked: bool

    @property
    def user(self) -> str:
        """The person's address."""
        return f"user{self.person}@example.com"


def visits(name: str, window: Window, uses: Sequence[Use], innocent: Sequence[str]) -> list[Visit]:
    """Return the visits of all days, a day's in no order of what they are."""
    chance = random.Random(f"{name}{window.seed}")
    return [visit for day in window.days for visit in _of_day(day, uses, innocent, chance)]


def _of_day(
    day: date, uses: Sequence[Use], innocent: Sequence[str], chance: random.Random
) -> Iterator[Visit]:
    begin = datetime.combine(day, time(8), tzinfo=UTC)
    asked = [(use.host, person, use.is_blocked) for use in uses for person in range(use.persons)]
    asked += [
        (innocent[number % len(innocent)], number % INNOCENT_PERSONS, False)
        for number in range(LOOK_ALIKES * len(asked))
    ]
    chance.shuffle(asked)
    for number, (host, person, is_blocked) in enumerate(asked):
        yield Visit(number, begin + timedelta(seconds=number), host, person, is_blocked)


def traffic_plants(
    name: str,
    file: str,
    window: Window,
    uses: Sequence[Use],
    *,
    records_of_visit: int = 1,
    quarantined: int = 0,
    nameless: int = 0,
) -> list[dict[str, Any]]:
    """Return what is true of the file: a row for each day and use, and one for its records."""
    a_day = sum(use.persons for use in uses) * records_of_visit
    days = len(window.days)
    return [
        *(
            {
                "kind": "shadow_service",
                "source_name": name,
                "ai_service_id": use.ai_service_id,
                "day": day.isoformat(),
                "signal_kind": use.signal_kind,
                "action": use.action,
                "record_count": use.persons * records_of_visit,
                "request_count": use.persons,
                "user_count": use.persons,
                "team_id": use.team_id,
            }
            for day in window.days
            for use in uses
        ),
        {
            "kind": "egress_log",
            "file": f"{name}/{file}",
            "records_read": a_day * (1 + LOOK_ALIKES) * days + nameless + quarantined,
            "records_ai": a_day * days,
            "records_innocent": LOOK_ALIKES * a_day * days + nameless,
            "records_nameless": nameless,
            "records_quarantined": quarantined,
        },
    ]
