"""teams.csv: teams, their cost centres, and the team that each belongs to."""

from __future__ import annotations

from pipelines.sources.org.columns import PERIOD, Column, Fault, OrgFile

# As many as macros/teams.sql unrolls.
MOST_LEVELS = 8
STARTS = "coalesce(valid_from, date '0001-01-01')"
ENDS = "coalesce(valid_to, date '9999-12-31')"

# From each line up, as long as all lines on the way hold on one and the same day and no team comes
# twice. Parentheses, for the test of a fault is a part of an expression.
_WAY_UP = f"""
    line_number in (
        with recursive lines as (
            select
                line_number, team_id, parent_team_id, {STARTS} as starts_on, {ENDS} as ends_on
            from typed
        ),
        way (line_number, teams, parent_team_id, starts_on, ends_on) as (
            select line_number, [team_id], parent_team_id, starts_on, ends_on from lines
            union
            select
                way.line_number, list_append(way.teams, above.team_id), above.parent_team_id,
                greatest(way.starts_on, above.starts_on), least(way.ends_on, above.ends_on)
            from way
            inner join lines as above
                on way.parent_team_id = above.team_id
                and way.starts_on < above.ends_on
                and above.starts_on < way.ends_on
            where len(way.teams) <= {MOST_LEVELS}
                and not list_contains(way.teams, way.parent_team_id)
        )
        select line_number from way where {{found}}
    )
"""
_IN_A_RING = _WAY_UP.format(found="parent_team_id = teams[1]")
_TOO_DEEP = _WAY_UP.format(found=f"len(teams) > {MOST_LEVELS}")

TEAMS = OrgFile(
    "teams",
    "teams.csv",
    (
        Column("team_id", is_required=True),
        Column("team_name"),
        Column("cost_center_id"),
        Column("parent_team_id"),
        *PERIOD,
        Column("company_id", may_lack=True),
    ),
    faults=(
        Fault(
            "parent_team_id not in (select team_id from typed where team_id is not null)",
            "unknown_parent",
            "parent_team_id is no team of this file: add the team, or mend the name.",
        ),
        Fault(
            _IN_A_RING,
            "parent_cycle",
            "The team is above itself in this period: mend parent_team_id of one of its levels.",
        ),
        Fault(
            _TOO_DEEP,
            "too_many_levels",
            f"More than {MOST_LEVELS} levels of teams end here: leave some out of parent_team_id.",
        ),
    ),
)
