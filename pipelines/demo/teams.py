"""Who belongs to whom at the demo company: one team is below another, and one moves."""

from __future__ import annotations

from pipelines.demo.books import COMPANIES
from pipelines.demo.company import TEAMS
from pipelines.demo.truths import Row
from pipelines.demo.window import Window

MOVED, BEFORE, AFTER = "data-science", "platform", "research"


def team_rows(window: Window) -> list[tuple[object, ...]]:
    """Return the lines of teams.csv; the team that moves has one for each of its parents."""
    day = window.provider_key_move_day
    rows: list[tuple[object, ...]] = []
    for team_id, name, center, parent in TEAMS:
        if team_id == MOVED:
            rows.append((team_id, name, center, BEFORE, None, day, None))
            rows.append((team_id, name, center, AFTER, day, None, None))
        else:
            rows.append((team_id, name, center, parent, None, None, COMPANIES.get(team_id)))
    return rows


def team_plants(window: Window) -> list[Row]:
    """Return which teams stand where in the tree."""
    below: list[Row] = [
        {"kind": "team_below_another", "team_id": team_id, "parent_team_id": parent}
        for team_id, _, _, parent in TEAMS
        if parent
    ]
    moved: list[Row] = [
        {
            "kind": "team_moved_below_another",
            "team_id": MOVED,
            "moved_on": window.provider_key_move_day.isoformat(),
            "before": BEFORE,
            "after": AFTER,
        }
    ]
    return below + moved
