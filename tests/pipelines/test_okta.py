"""Okta's System Log: whose a consent is, what was granted, and what is never kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.panther import panther_events
from tests.pipelines.samples import sample, write_sample
from tests.source_home import SourceHome

ANN = {"id": "00u1", "type": "User", "alternateId": "ann@example.com", "displayName": "Ann"}
OKTA = {"id": "okta", "type": "SystemPrincipal", "alternateId": "system@okta.com"}
APP = {"id": "0oa2", "type": "PublicClientApp", "alternateId": "unknown", "displayName": "ChatGPT"}


def event(number: int, kind: str, **changes: Any) -> dict[str, Any]:
    """Return an event in Okta's shape."""
    return {
        "uuid": f"e{number}", "published": "2026-03-02T08:06:00.000Z", "eventType": kind,
        "actor": ANN, "outcome": {"result": "SUCCESS"}, "transaction": {"id": "t"},
        "authenticationContext": {"externalSessionId": "s1"}, "target": [APP], **changes,
    }  # fmt: skip


def load(tmp_path: Path, events: Any) -> SourceHome:
    home = SourceHome(tmp_path / "home", "okta", "events")
    path = tmp_path / "log.json"
    path.write_text(json.dumps(events))
    report = home.load(path)
    assert report.faults == []
    return home


def test_okta_itself_is_nobody_and_the_session_tells_the_person(tmp_path: Path) -> None:
    home = SourceHome(tmp_path / "home", "okta", "events")
    home.load(write_sample("okta", tmp_path / "a.jsonl"))
    start, sso, consent = home.rows("user_id, okta_user_id, session_id", order="event_id")
    assert start == sso
    assert None not in start
    assert consent == (None, None, start[2])
    assert home.rows("client_id, app_name, scopes", order="event_id")[2] == (
        "0oa2", "ChatGPT", "files.read openid",
    )  # fmt: skip


def test_a_session_that_okta_calls_unknown_is_none(tmp_path: Path) -> None:
    unknown = {"authenticationContext": {"externalSessionId": "unknown"}}
    home = load(tmp_path, [event(1, "app.oauth2.consent.grant", actor=OKTA, **unknown)])
    assert home.first("session_id, user_id") == (None, None)


def test_other_events_are_passed_over_and_not_refused(tmp_path: Path) -> None:
    others = [event(n, kind) for n, kind in enumerate(("user.mfa.factor.update", "policy.x"))]
    others.append({"eventType": "system.org.rate_limit.warning"})
    home = load(tmp_path, [*others, event(9, "user.authentication.sso")])
    assert home.rows("event_id") == [("e9",)]
    assert home.accounts() == [(1, 1, 0, 0)]


def test_a_consent_event_without_its_time_is_refused(tmp_path: Path) -> None:
    home = load(tmp_path, [event(1, "app.oauth2.consent.grant", published=None), event(2, "x.y")])
    assert [reason for _, reason in home.reasons()] == ["bad_timestamp"]


def test_what_was_asked_for_is_not_what_was_granted_and_scopes_may_be_targets(
    tmp_path: Path,
) -> None:
    scopes = [
        {"type": "OAuth2Scope", "id": "scp1", "displayName": "View your files",
         "alternateId": "files.read"},
        {"type": "OAuth2Scope", "id": "scp2", "displayName": "openid"},
    ]  # fmt: skip
    asked = {"debugData": {"requestedScopes": "admin.all", "grantedScopes": "email"}}
    told = event(1, "app.oauth2.as.consent.grant", target=[*scopes, APP], debugContext=asked)
    home = load(tmp_path, [told])
    assert home.first("scopes, client_id, app_name") == (
        "email files.read openid", "0oa2", "ChatGPT",
    )  # fmt: skip


def test_who_revokes_is_not_whose_consent_it_was(tmp_path: Path) -> None:
    ben = {"id": "00u2", "type": "User", "alternateId": "Ben@Example.com"}
    kind = "app.oauth2.as.consent.revoke.user.client"
    events = [
        event(1, kind, target=[APP, ben]),
        event(2, "user.authentication.sso", actor=ben | {"alternateId": "ben@example.com"}),
    ]
    revoked, own = load(tmp_path, events).rows("user_id, okta_user_id", order="event_id")
    assert revoked == own


def test_the_body_of_an_event_hook_is_read_too(tmp_path: Path) -> None:
    body = {"eventType": "com.okta.event_hook", "data": {"events": sample("okta")}}
    assert len(load(tmp_path, body).rows()) == 3


def test_no_address_no_device_and_no_session_is_kept(tmp_path: Path) -> None:
    home = SourceHome(tmp_path / "home", "okta", "events")
    home.load(write_sample("okta", tmp_path / "a.jsonl"))
    rows = str(home.rows())
    for text in ("203.0.113.7", "Mozilla", "Kleinstadt", "idx-1", "00u1", "ann@", "acme.okta"):
        assert text not in rows


def test_the_events_of_panthers_rules_are_loaded_passed_over_or_refused(tmp_path: Path) -> None:
    events = [one for one in panther_events("Okta_SystemLog") if isinstance(one, dict)]
    home = load(tmp_path, events)
    kinds = [one.get("eventType", one.get("eventtype")) for one in events]
    # Three sign-ins lack their time; what has no type at all is none of Okta's.
    ours = [kind for kind in kinds if kind in (None, "user.session.start",
                                               "user.authentication.sso")]  # fmt: skip
    [(read, loaded, refused, _)] = home.accounts()
    assert read == len(ours)
    assert {kind for (kind,) in home.rows("event_type")} <= {
        "user.session.start", "user.authentication.sso",
    }  # fmt: skip
    assert (loaded > 0, refused > 0) == (True, True)
