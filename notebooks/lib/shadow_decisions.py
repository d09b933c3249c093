"""The line of ai_service_decisions.csv that says what was decided about a finding.

The page writes no register: whoever may change the file adds the line, and it is loaded and kept
like any other. A text that a spreadsheet would run is refused, since the file is opened in one.
"""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from datetime import date
from typing import Any

import polars as pl

from notebooks.lib.formats import FORMULA_START

FILE_NAME = "ai_service_decisions.csv"
DECISIONS = {
    "Sanctioned: may be used": "sanctioned",
    "Tolerated until a day": "tolerated",
    "Under review": "under_review",
    "Blocked": "blocked",
}
ABOUT = {"This kind of finding": "kind", "Every use of the service": "service"}
WHOM = {"This team": "team", "Every team": "every"}
LONGEST = 500
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
DATES = {"valid_from": "From", "valid_to": "Until", "decided_on": "Decided on"}
TEXTS = {"plan_name": "Plan", "decided_by": "Decided by", "reason": "Reason"}
IDS = ("ai_service_id", "finding_kind", "team_id")


@dataclass(frozen=True)
class Decision:
    """One line of the register, its columns in the file's order; an empty text is an empty one."""

    ai_service_id: str
    finding_kind: str
    team_id: str
    plan_name: str
    decision: str
    valid_from: str
    valid_to: str
    decided_by: str
    decided_on: str
    reason: str


COLUMNS = tuple(field.name for field in fields(Decision))


def decide(
    finding: Mapping[str, Any], *, decision: str, about: str, whom: str, typed: Mapping[str, str]
) -> Decision:
    """Return the decision on a finding; `typed` are the texts and dates as they were typed."""
    said = {name: " ".join(str(value).split()) for name, value in typed.items()}
    return Decision(
        ai_service_id=finding["ai_service_id"],
        finding_kind=finding["finding_kind"] if about == "kind" else "",
        team_id=finding["team_id"] if whom == "team" else "",
        plan_name=said["plan_name"],
        decision=decision,
        valid_from=said["valid_from"],
        valid_to=said["valid_to"],
        decided_by=said["decided_by"],
        decided_on=said["decided_on"],
        reason=said["reason"],
    )


def missing(decided: Decision) -> list[str]:
    """Return what keeps the line from being written, one sentence each."""
    said = vars(decided)
    faults = [
        f"{label}: write a day as 2027-01-31."
        for name, label in DATES.items()
        if said[name] and _day(said[name]) is None
    ]
    if not decided.decided_by:
        faults.append("Decided by: say who decided.")
    if not decided.decided_on:
        faults.append("Decided on: say when.")
    if not decided.reason:
        faults.append("Reason: say why; it is part of the audit trail.")
    if decided.decision == "tolerated" and not decided.valid_to:
        faults.append("Until: what is tolerated has an end; give the first day after it.")
    begins, ends = _day(decided.valid_from or decided.decided_on), _day(decided.valid_to)
    if begins and ends and ends <= begins:
        faults.append("Until: it must be after the first day.")
    for name, label in TEXTS.items():
        if len(said[name]) > LONGEST:
            faults.append(f"{label}: keep it to {LONGEST} characters.")
        if _is_formula(said[name]):
            faults.append(f"{label}: a spreadsheet would run this; begin with a letter or a digit.")
        if not said[name].isprintable():
            faults.append(f"{label}: take out the characters that cannot be seen.")
    if any(_is_formula(said[name]) or not said[name].isprintable() for name in IDS):
        faults.append("The finding's own names begin as a formula does: write its line by hand.")
    return faults


def _is_formula(text: str) -> bool:
    return bool(pl.Series([text]).str.contains(FORMULA_START).item())


def _day(text: str) -> date | None:
    if not DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def line(decided: Decision) -> str:
    """Return the line, quoted where a text needs it."""
    return _csv(astuple(decided))


def header() -> str:
    """Return the file's first line."""
    return _csv(COLUMNS)


def file_content(decided: Decision) -> bytes:
    """Return a file of its own with the line below its header."""
    return f"{header()}\n{line(decided)}\n".encode()


def _csv(values: tuple[str, ...]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow(values)
    return written.getvalue()
