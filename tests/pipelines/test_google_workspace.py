"""Google Workspace's audit: one form of it reads like the other, and nothing but grants is kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.panther import panther_events
from tests.pipelines.samples import sample, write_sample
from tests.source_home import SourceHome

COLUMNS = "event_name, client_id, app_name, client_type, scopes, user_id is not null"
DRIVE = "https://www.googleapis.com/auth/drive"


def activity(**changes: Any) -> dict[str, Any]:
    """Return an activity in the form of the API."""
    return {
        "id": {"time": "2026-03-02T09:00:00.000Z", "uniqueQualifier": "7",
               "applicationName": "token"},
        "actor": {"email": "ann@example.com"}, **changes,
    }  # fmt: skip


def authorize(app: str, *scopes: str) -> dict[str, Any]:
    """Return an event with its parameters as a list."""
    return {
        "type": "auth", "name": "authorize", "parameters": [
            {"name": "client_id", "value": f"{app}.apps"}, {"name": "app_name", "value": app},
            {"name": "client_type", "value": "WEB"},
            {"name": "scope", "multiValue": list(scopes)},
        ],
    }  # fmt: skip


def flat(app: str, *scopes: str) -> dict[str, Any]:
    """Return the same as shippers write it: one event, its parameters an object."""
    told = {"client_id": f"{app}.apps", "app_name": app, "client_type": "WEB"}
    return {"name": "authorize", "type": "auth", "parameters": told | {"scope": list(scopes)}}


def load(tmp_path: Path, document: Any) -> SourceHome:
    home = SourceHome(tmp_path / "home", "google_workspace", "events")
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document))
    report = home.load(path)
    assert report.faults == []
    return home


def test_every_form_of_an_event_reads_alike(tmp_path: Path) -> None:
    event = authorize("Claude", "openid", DRIVE)
    forms = [
        activity(events=[event]),
        activity(events=event),
        activity(**event),
        activity(**flat("Claude", DRIVE, "openid", "openid")),
    ]
    home = load(tmp_path, forms)
    assert home.accounts() == [(4, 4, 0, 0)]
    told = ("authorize", "Claude.apps", "Claude", "WEB", f"{DRIVE} openid", True)
    assert set(home.rows(COLUMNS)) == {told}


def test_a_page_of_the_api_has_activities_with_several_events(tmp_path: Path) -> None:
    other = activity(events=[{"name": "activity", "parameters": []}])
    page = {"kind": "admin#reports#activities", "items": [
        activity(events=[authorize("Claude", "openid"), authorize("Claude", DRIVE)]), other,
    ]}  # fmt: skip
    home = load(tmp_path, page)
    assert [row[4] for row in home.rows(COLUMNS, order="scopes")] == [DRIVE, "openid"]
    assert len({row for row in home.rows("event_time, unique_qualifier")}) == 1
    assert home.accounts() == [(2, 2, 0, 0)]


def test_addresses_that_differ_in_case_are_one_person(tmp_path: Path) -> None:
    home = SourceHome(tmp_path / "home", "google_workspace", "events")
    home.load(write_sample("google_workspace", tmp_path / "a.jsonl"))
    assert len(set(home.rows("user_id"))) == 1
    assert len(sample("google_workspace")) == len(home.rows())


def test_one_scope_may_be_a_text_and_none_is_unknown(tmp_path: Path) -> None:
    one = flat("Claude")
    one["parameters"]["scope"] = f"openid {DRIVE}"
    home = load(tmp_path, [activity(**one), activity(**flat("Claude"))])
    assert {row[4] for row in home.rows(COLUMNS)} == {f"{DRIVE} openid", None}


def test_an_activity_without_a_time_is_refused_and_others_are_passed_over(tmp_path: Path) -> None:
    untimed = {"id": {"applicationName": "token"}, **flat("Claude", "openid")}
    drive = {"id": {"applicationName": "drive"}, "name": "edit"}
    home = load(tmp_path, [untimed, drive, activity(**flat("Claude", "openid"))])
    assert [reason for _, reason in home.reasons()] == ["bad_timestamp"]
    assert home.accounts() == [(2, 1, 1, 0)]


def test_the_events_of_panthers_rules_are_loaded_passed_over_or_refused(tmp_path: Path) -> None:
    events = [one for one in panther_events("GSuite_ActivityEvent") if isinstance(one, dict)]
    home = load(tmp_path, events)
    rows = home.rows("app_name, scopes, application", order="app_name")
    assert [(app, of) for app, _, of in rows] == [
        ("AdminToolApp", "token"), ("LegitimateCalendarApp", "token"),
        ("Some SAML Application", "saml"), ("SuspiciousThirdPartyApp", "token"),
    ]  # fmt: skip
    assert rows[0][1].split() == [
        "https://www.googleapis.com/auth/admin.directory.user",
        "https://www.googleapis.com/auth/calendar",
    ]
