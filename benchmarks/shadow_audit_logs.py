"""Consents and sign-ins as Okta, Google Workspace and Microsoft Entra write them."""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from benchmarks.shadow_shapes import Seen

SYSTEM = {"id": "okta", "type": "SystemPrincipal", "alternateId": "system@okta.com"}
FIRST_SECOND = 8 * 3600


def moment_of(day: date, number: int) -> datetime:
    """Return a moment of a day, another for each number."""
    start = datetime.combine(day, time(), tzinfo=UTC)
    return start + timedelta(seconds=FIRST_SECOND + number % 36_000)


def _written(day: date, number: int) -> str:
    return f"{moment_of(day, number):%Y-%m-%dT%H:%M:%S}.000Z"


def okta_events(number: int, one: Seen) -> list[dict[str, Any]]:
    """Return the events of a sign-in or a consent, whose actor is Okta itself."""
    session, at = f"session-{number}", _written(one.day, number)
    person = {"id": f"00u{one.person}", "type": "User", "alternateId": one.person}
    app = {"id": f"0oa{number}", "type": "AppInstance", "displayName": one.name}

    def event(key: str, kind: str, **told: Any) -> dict[str, Any]:
        return {
            "uuid": f"okta-{number}-{key}", "published": at, "eventType": kind,
            "outcome": {"result": "SUCCESS"}, "transaction": {"id": f"tx-{number}"},
            "authenticationContext": {"externalSessionId": session}, **told,
        }  # fmt: skip

    if one.kind == "sign_in":
        return [event("in", "user.authentication.sso", actor=person, target=[app])]
    scopes = ("openid", "email") if number % 2 else ("profile",)
    return [
        event("start", "user.session.start", actor=person),
        *(
            event(
                scope, "app.oauth2.as.consent.grant", actor=SYSTEM,
                target=[{"id": f"scp{scope}", "type": "OAuth2Scope", "alternateId": scope}, app],
            )
            for scope in scopes
        ),
    ]  # fmt: skip


def google_activity(number: int, one: Seen, rng: random.Random) -> dict[str, Any]:
    """Return an activity of the token or SAML audit."""
    is_grant = one.kind == "grant"
    head = {
        "kind": "admin#reports#activity",
        "id": {"time": _written(one.day, number), "uniqueQualifier": f"q{number}",
               "applicationName": "token" if is_grant else "saml"},
        "actor": {"email": one.person.title() if rng.random() < 0.2 else one.person},
    }  # fmt: skip
    if not is_grant:
        told = [{"name": "application_name", "value": one.name}]
        return head | {"events": [{"type": "login", "name": "login_success", "parameters": told}]}
    told = [
        {"name": "client_id", "value": f"{number}.apps.googleusercontent.com"},
        {"name": "app_name", "value": one.name},
        {"name": "scope", "multiValue": ["openid"]},
    ]
    return head | {"events": [{"type": "auth", "name": "authorize", "parameters": told}]}


def _entra_person(address: str) -> dict[str, str]:
    number = int(address[1:].split(".")[0])
    return {"id": f"00000009-0000-4000-8000-{number:012x}", "userPrincipalName": address}


def entra_records(number: int, one: Seen) -> list[dict[str, Any]]:
    """Return the records of a consent, of which the first tells what it is."""
    person, at = _entra_person(one.person), _written(one.day, number)
    service = f"00000002-0000-4000-8000-{number:012x}"
    allowed = (
        f"[] => [[Id: A, ClientId: {service}, PrincipalId: {person['id']}, ResourceId: "
        "00000003-0000-0000-c000-000000000000, ConsentType: Principal, Scope:  User.Read, "
        "CreatedDateTime: ]]; "
    )
    app = {"id": service, "displayName": one.name, "type": "ServicePrincipal"}

    def record(name: str, changed: dict[str, str]) -> dict[str, Any]:
        target = app | {
            "modifiedProperties": [
                {"displayName": key, "oldValue": None, "newValue": json.dumps(value)}
                for key, value in changed.items()
            ]
        }
        properties = {
            "id": f"Directory_{number}_{name}", "category": "ApplicationManagement",
            "correlationId": f"corr-{number}", "result": "success", "activityDisplayName": name,
            "activityDateTime": at, "initiatedBy": {"user": person}, "targetResources": [target],
            "additionalDetails": [
                {"key": "AppId", "value": f"00000001-0000-4000-8000-{number:012x}"}
            ],
        }  # fmt: skip
        return {"time": at, "category": "AuditLogs", "operationName": name,
                "properties": properties}  # fmt: skip

    reach = {"ConsentContext.OnBehalfOfAll": "False", "ConsentAction.Permissions": allowed}
    return [
        record("Consent to application", reach),
        record("Add app role assignment grant to user", {}),
    ]


def entra_sign_in(number: int, one: Seen) -> dict[str, Any]:
    """Return a sign-in of the Graph API."""
    person = _entra_person(one.person)
    return {
        "id": f"sign-in-{number}", "createdDateTime": _written(one.day, number),
        "appDisplayName": one.name, "appId": f"00000004-0000-4000-8000-{number:012x}",
        "userPrincipalName": person["userPrincipalName"], "userId": person["id"],
        "isInteractive": True, "status": {"errorCode": 0},
    }  # fmt: skip
