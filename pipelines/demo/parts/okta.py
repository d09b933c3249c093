"""Okta's System Log: consents whose actor is Okta, an event a scope, and sign-ins to Claude."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pipelines.demo.applications import (
    PEOPLE,
    Consent,
    grants_plant,
    innocent,
    moment,
    revoked_moment,
    truth,
    written,
)
from pipelines.demo.parts import Truths
from pipelines.demo.window import Window

NAME = "okta"
SYSTEM = {"id": "okta", "type": "SystemPrincipal", "alternateId": "system@okta.com"}
CONSENTS = (
    Consent(
        "ChatGPT", "chatgpt", PEOPLE[0], ("openid", "okta.users.read", "email"), "directory",
        "0oachat",
    ),
    Consent(
        "Otter.ai", "otter", PEOPLE[1], ("openid", "calendar.share"), "identity", "0oaotter",
        is_revoked=True,
    ),
    Consent("Perplexity", "perplexity", PEOPLE[2], ("profile",), "identity", "0oaperp"),
)  # fmt: skip
SIGN_INS_A_DAY = 2


def write(folder: Path, window: Window) -> Truths:
    """Write a log of all days, and a second one that repeats its last events."""
    folder.mkdir(parents=True)
    events: list[dict[str, Any]] = []
    for number, (app, person, at) in enumerate(innocent(window, NAME)):
        events += _consent(f"i{number}", app, f"0oa{number}", person, at, ("openid", "email"))
    grants = []
    for number, consent in enumerate(CONSENTS):
        at = moment(window, 40 + number)
        told = (consent.app_name, consent.client_id, consent.person)
        events += _consent(f"a{number}", *told, at, consent.scopes)
        if consent.is_revoked:
            events.append(_revocation(f"r{number}", *told, revoked_moment(window)))
        grants.append(
            truth(
                consent,
                at,
                window,
                event_count=len(consent.scopes),
                user_known_by="session",
                unknown_scope_count=consent.scopes.count("calendar.share"),
            )
        )
    days = window.days[:3]
    events += [
        _sign_in(f"s{day}{number}", PEOPLE[3], moment(window, 50 + number).replace(
            year=day.year, month=day.month, day=day.day))
        for day in days
        for number in range(SIGN_INS_A_DAY)
    ]  # fmt: skip
    events.sort(key=lambda event: event["published"])
    _write(folder / "system_log.json", events)
    _write(folder / "system_log_again.json", events[-20:])
    return {"plants": [grants_plant(NAME, window, grants, "claude", days, SIGN_INS_A_DAY)]}


def _event(key: str, kind: str, at: datetime, session: str, **told: Any) -> dict[str, Any]:
    return {
        "uuid": f"okta-{key}",
        "published": written(at),
        "eventType": kind,
        "outcome": {"result": "SUCCESS"},
        "client": {"ipAddress": "203.0.113.9", "userAgent": {"rawUserAgent": "Mozilla/5.0"}},
        "authenticationContext": {"externalSessionId": session},
        "transaction": {"id": f"tx-{key.split('/')[0]}"},
        **told,
    }


def _person(address: str) -> dict[str, str]:
    return {"id": f"00u{address[:3]}", "type": "User", "alternateId": address}


def _app(name: str, client: str) -> dict[str, str]:
    return {"id": client, "type": "PublicClientApp", "displayName": name, "alternateId": "unknown"}


def _consent(
    key: str, app: str, client: str, person: str, at: datetime, scopes: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Return a session that a person begins, and in it an event a scope, of which Okta is actor."""
    session = f"session-{key}"
    begin = at - timedelta(minutes=1)
    start = _event(f"{key}s", "user.session.start", begin, session, actor=_person(person))
    return [
        start,
        *(
            _event(
                f"{key}/{scope}", "app.oauth2.as.consent.grant", at, session, actor=SYSTEM,
                target=[{"id": f"scp{scope}", "type": "OAuth2Scope", "alternateId": scope},
                        _app(app, client)],
            )
            for scope in scopes
        ),
    ]  # fmt: skip


def _revocation(key: str, app: str, client: str, person: str, at: datetime) -> dict[str, Any]:
    """Return that an administrator took back what the person had allowed."""
    return _event(
        key, "app.oauth2.as.consent.revoke.user.client", at, "unknown",
        actor=_person("root@example.com"), target=[_app(app, client), _person(person)],
    )  # fmt: skip


def _sign_in(key: str, person: str, at: datetime) -> dict[str, Any]:
    app = {"id": "0oaclaude", "type": "AppInstance", "displayName": "Claude.ai"}
    user = {"id": "0ua1", "type": "AppUser", "alternateId": "somebody@elsewhere.example"}
    return _event(
        key, "user.authentication.sso", at, f"session-{key}",
        actor=_person(person), target=[app, user],
    )  # fmt: skip


def _write(path: Path, events: list[dict[str, Any]]) -> None:
    path.write_text(json.dumps(events))


def overrides(folder: Path, address: str) -> dict[str, Any]:
    """Return the settings that load it."""
    return {"sources.okta.files": str(folder / "*.json")}
