"""Google Workspace's audit: pages of the API and flattened lines, a grant taken back, SAML."""

from __future__ import annotations

import json
from datetime import datetime
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

NAME = "google_workspace"
ROOT = "https://www.googleapis.com/auth/"
CONSENTS = (
    Consent(
        "Claude for Google Drive", "claude", PEOPLE[0], (f"{ROOT}drive.readonly", "openid"),
        "all_content", "101.apps.googleusercontent.com",
    ),
    Consent(
        "Fireflies.ai Notetaker", "fireflies", PEOPLE[1],
        (f"{ROOT}calendar.readonly", f"{ROOT}userinfo.email"), "read",
        "102.apps.googleusercontent.com", is_revoked=True,
    ),
    Consent(
        "Grammarly", "grammarly", PEOPLE[2], (f"{ROOT}gmail.send", f"{ROOT}documents"), "write",
        "103.apps.googleusercontent.com",
    ),
)  # fmt: skip


def write(folder: Path, window: Window) -> Truths:
    """Write a page of the API with the AI services, and lines with the others."""
    folder.mkdir(parents=True)
    lines = [
        _flat(f"i{number}", app, f"{number}.apps", person, at, (f"{ROOT}userinfo.email", "openid"))
        for number, (app, person, at) in enumerate(innocent(window, NAME))
    ]
    items, grants = [], []
    for number, consent in enumerate(CONSENTS):
        at = moment(window, 50 + number)
        items.append(_activity(f"a{number}", consent, at, "authorize"))
        if consent.is_revoked:
            items.append(_activity(f"r{number}", consent, revoked_moment(window), "revoke"))
        grants.append(
            truth(
                consent,
                at,
                window,
                event_count=len(consent.scopes),
                user_known_by="event",
                unknown_scope_count=0,
            )
        )
    day = window.days[1]
    at = moment(window, 3).replace(year=day.year, month=day.month, day=day.day)
    lines.append(_saml("s1", "Jasper.ai", PEOPLE[3], at))
    page = {"kind": "admin#reports#activities", "items": items}
    (folder / "token_page.json").write_text(json.dumps(page, indent=1))
    (folder / "token.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return {"plants": [grants_plant(NAME, window, grants, "jasper", [day])]}


def _head(key: str, person: str, at: datetime, application: str = "token") -> dict[str, Any]:
    return {
        "kind": "admin#reports#activity",
        "id": {"time": written(at), "uniqueQualifier": key, "applicationName": application},
        "actor": {"email": person.title() if key.startswith("r") else person},
        "ipAddress": "203.0.113.9",
    }


def _activity(key: str, consent: Consent, at: datetime, name: str) -> dict[str, Any]:
    """Return an activity of the API: an event a scope, or one that takes all of them back."""
    parts = [consent.scopes] if name == "revoke" else [(scope,) for scope in consent.scopes]
    events = [
        {
            "type": "auth",
            "name": name,
            "parameters": [
                {"name": "client_id", "value": consent.client_id},
                {"name": "app_name", "value": consent.app_name},
                {"name": "scope", "multiValue": list(part)},
            ],
        }
        for part in parts
    ]
    return _head(key, consent.person, at) | {"events": events}


def _flat(
    key: str, app: str, client: str, person: str, at: datetime, scopes: tuple[str, ...]
) -> dict[str, Any]:
    told = {"client_id": client, "app_name": app, "client_type": "WEB", "scope": list(scopes)}
    return _head(key, person, at) | {"type": "auth", "name": "authorize", "parameters": told}


def _saml(key: str, app: str, person: str, at: datetime) -> dict[str, Any]:
    return _head(key, person, at, "saml") | {
        "name": "login_success",
        "parameters": [{"name": "application_name", "value": app}],
    }


def overrides(folder: Path, address: str) -> dict[str, Any]:
    """Return the settings that load it."""
    return {"sources.google_workspace.files": str(folder)}
