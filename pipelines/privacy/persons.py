"""`bursar persons`: whose signals a finding is made of, for who may know; looks are noted."""

from __future__ import annotations

import grp
import os
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.config import Settings, SettingsError
from pipelines.machine import WORKING
from pipelines.privacy.audit import note, user_name
from pipelines.privacy.retention import SECTION

ROLE, GROUP_SIGN = "person_role", "%"
_SIGNALS = """
    select
        finding_id,
        finding_kind,
        team_id,
        ai_service_id,
        actor_kind,
        actor_id,
        signal_kind,
        count(distinct usage_date) as day_count,
        min(usage_date) as first_seen_date,
        max(usage_date) as last_seen_date,
        count(*) as signal_count,
        cast(sum(call_count) as bigint) as call_count,
        source_name,
        load_unit_id,
        min(source_line) as first_source_line
    from core.fct_shadow_signals
    where coalesce(finding_id = $finding, true)
        and coalesce(ai_service_id = $service, true)
        and coalesce(team_id = $team, true)
    group by
        finding_id, finding_kind, team_id, ai_service_id, actor_kind, actor_id, signal_kind,
        source_name, load_unit_id
    order by
        finding_id, actor_kind nulls last, actor_id, signal_kind, first_seen_date, source_name,
        load_unit_id
"""


@dataclass(frozen=True)
class Look:
    """What somebody wants to see, and why: one finding, or all of a service and team."""

    reason: str
    finding_id: str | None = None
    service: str | None = None
    team: str | None = None


def show_persons(settings: Settings, look: Look) -> dict[str, Any]:
    """Return findings' signals with their pseudonyms; SettingsError for who may not see them."""
    if not look.reason.strip():
        raise SettingsError("--reason is empty: say why persons are looked at; it is kept.")
    if not (look.finding_id or (look.service and look.team)):
        raise SettingsError(
            "No finding is named: give finding_id of shadow_findings, or --service and --team."
        )
    asked = {"finding_id": look.finding_id, "service": look.service, "team": look.team}
    if not may_see(settings):
        note(settings, "persons_refused", reason=look.reason, **asked)
        raise SettingsError(_not_allowed(settings))
    rows = _read(settings, look)
    if not rows:
        raise SettingsError(
            "The build file has no signal of that: take finding_id, ai_service_id and team_id from "
            "shadow_findings (`bursar sql`)."
        )
    # Written before anything is shown: who cannot be written down sees nothing.
    note(
        settings,
        "persons",
        reason=look.reason,
        **asked,
        findings=sorted({row["finding_id"] for row in rows}),
        persons_shown=len({row["actor_id"] for row in rows if row["actor_id"]}),
    )
    return {"persons": rows}


def may_see(settings: Settings) -> bool:
    """Tell whether who runs this is named by the setting, or in a group that is."""
    return any(
        _is_in_group(name.removeprefix(GROUP_SIGN))
        if name.startswith(GROUP_SIGN)
        else name == user_name()
        for name in settings.section(SECTION).get_list(ROLE)
    )


def _is_in_group(name: str) -> bool:
    try:
        return grp.getgrnam(name).gr_gid in {os.getgid(), *os.getgroups()}
    except KeyError:
        return False


def _not_allowed(settings: Settings) -> str:
    section = settings.section(SECTION)
    who = ", ".join(section.get_list(ROLE)) or "nobody"
    return (
        f"{user_name()} may not see persons, {who} may: have [{SECTION}] {ROLE} in "
        f".dlt/config.toml name the user, or a group as {GROUP_SIGN}group."
    )


def _read(settings: Settings, look: Look) -> list[dict[str, Any]]:
    path = settings.build_path
    if not path.exists():
        raise SettingsError(
            f"{path} is not there: run `bursar build`; persons are in the build file alone."
        )
    try:
        with duckdb.connect(str(path), read_only=True, config=WORKING) as connection:
            connection.execute("set TimeZone = 'UTC'")
            asked = {"finding": look.finding_id, "service": look.service, "team": look.team}
            return connection.sql(_SIGNALS, params=asked).to_arrow_table().to_pylist()
    except duckdb.IOException:
        raise SettingsError(f"{path} is in use: wait for the run that builds in it.") from None
    except duckdb.CatalogException:
        raise SettingsError(
            f"{path} has no findings yet: run `bursar build` with this version."
        ) from None
