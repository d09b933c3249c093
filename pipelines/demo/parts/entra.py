"""Microsoft Entra: consents of three events each, one for everybody, one changed, one removed."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pipelines.demo.applications import (
    ADMINISTRATOR,
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

NAME = "entra"
GRAPH = "00000003-0000-0000-c000-000000000000"
CONSENTS = (
    Consent(
        "Word Helper", "chatgpt", PEOPLE[0], ("Files.Read.All", "User.Read"), "all_content",
        "e0476654-c1d5-430b-ab80-70cbd947616a", is_known_by_id=True,
    ),
    Consent(
        "M365 MCP Client for Claude", "claude", ADMINISTRATOR, ("Mail.Send", "openid"), "write",
        "08ad6f98-a4f8-4635-bb8d-f1a3044760f0", is_known_by_id=True, is_for_everyone=True,
    ),
    Consent(
        "Read AI", "read_ai", PEOPLE[1], ("Calendars.Read",), "read",
        "11111111-2222-3333-4444-555555555555", is_revoked=True,
    ),
)  # fmt: skip


def write(folder: Path, window: Window) -> Truths:
    """Write records of diagnostic settings, and an answer of the Graph API with sign-ins."""
    folder.mkdir(parents=True)
    events: list[dict[str, Any]] = []
    for number, (app, person, at) in enumerate(innocent(window, NAME)):
        plain = Consent(app, "", person, ("User.Read",), "identity", _guid(1, number))
        events += _consent(f"i{number}", plain, _guid(2, number), at)
    grants = []
    for number, consent in enumerate(CONSENTS):
        at = moment(window, 40 + number)
        service = _guid(3, number)
        events += _consent(f"a{number}", consent, service, at)
        # The permission is written anew with what it had: no revocation.
        events.append(_change(f"a{number}", consent, service, at, "Remove"))
        if consent.is_revoked:
            removed = _change(f"r{number}", consent, service, revoked_moment(window), "Remove")
            events.append(removed)
        grants.append(
            truth(
                consent,
                at,
                window,
                event_count=3,
                user_known_by="event",
                unknown_scope_count=0,
            )
        )
    (folder / "audit.json").write_text(json.dumps({"records": events}))
    day = window.days[0]
    at = moment(window, 5).replace(year=day.year, month=day.month, day=day.day)
    sign_ins = [_sign_in(0, at, 0), _sign_in(1, at + timedelta(minutes=1), 50126)]
    (folder / "sign_ins.json").write_text(json.dumps({"value": sign_ins}, indent=1))
    return {"plants": [grants_plant(NAME, window, grants, "chatgpt", [day])]}


def _guid(kind: int, number: int) -> str:
    return f"{kind:08x}-0000-4000-8000-{number:012x}"


def _person(address: str) -> dict[str, str]:
    return {"id": _guid(9, sum(map(ord, address))), "userPrincipalName": address}


def _record(
    key: str, name: str, at: datetime, consent: Consent, target: dict[str, Any], **told: Any
) -> dict[str, Any]:
    actor = ADMINISTRATOR if key.startswith("r") else consent.person
    properties = {
        "id": f"Directory_{key}_{name}",
        "category": "ApplicationManagement",
        "correlationId": f"corr-{key}",
        "result": "success",
        "activityDisplayName": name,
        "activityDateTime": written(at),
        "initiatedBy": {"user": _person(actor) | {"ipAddress": "203.0.113.9"}},
        "targetResources": [target],
        **told,
    }
    return {
        "time": written(at), "category": "AuditLogs", "operationName": name,
        "properties": properties,
    }  # fmt: skip


def _changed(**values: str | None) -> list[dict[str, Any]]:
    return [
        {"displayName": name.replace("__", "."), "oldValue": None,
         "newValue": None if value is None else json.dumps(value)}
        for name, value in values.items()
    ]  # fmt: skip


def _consent(key: str, consent: Consent, service: str, at: datetime) -> list[dict[str, Any]]:
    """Return the three events of a consent: only the first of them names the application."""
    kind = "AllPrincipals" if consent.is_for_everyone else "Principal"
    principal = "" if consent.is_for_everyone else _person(consent.person)["id"]
    allowed = (
        f"[] => [[Id: A, ClientId: {service}, PrincipalId: {principal}, ResourceId: {GRAPH}, "
        f"ConsentType: {kind}, Scope:  {' '.join(consent.scopes)}, CreatedDateTime: ]]; "
    )
    app = {"id": service, "displayName": consent.app_name, "type": "ServicePrincipal"}
    changed = _changed(
        ConsentContext__OnBehalfOfAll=str(consent.is_for_everyone),
        ConsentAction__Permissions=allowed,
    )
    told = {"additionalDetails": [{"key": "AppId", "value": consent.client_id}]}
    return [
        _record(key, "Consent to application", at, consent,
                app | {"modifiedProperties": changed}, **told),
        _change(key, consent, service, at, "Add"),
        _record(key, "Add app role assignment grant to user", at, consent,
                app | {"modifiedProperties": []}),
    ]  # fmt: skip


def _change(key: str, consent: Consent, service: str, at: datetime, what: str) -> dict[str, Any]:
    """Return that a permission was added or removed, by the resource that it is one of."""
    kind = "AllPrincipals" if consent.is_for_everyone else "Principal"
    changed = _changed(
        DelegatedPermissionGrant__Scope=f" {' '.join(consent.scopes)}",
        DelegatedPermissionGrant__ConsentType=kind,
        DelegatedPermissionGrant__PrincipalId=None
        if consent.is_for_everyone
        else _person(consent.person)["id"],
        ServicePrincipal__ObjectID=service,
        ServicePrincipal__AppId=None,
    )
    graph = {"id": _guid(8, 0), "displayName": "Microsoft Graph", "type": "ServicePrincipal"}
    return _record(
        key, f"{what} delegated permission grant", at, consent,
        graph | {"modifiedProperties": changed},
        additionalDetails=[{"key": "AppId", "value": GRAPH}],
    )  # fmt: skip


def _sign_in(number: int, at: datetime, error: int) -> dict[str, Any]:
    user = _person(PEOPLE[3])
    return {
        "id": f"sign-in-{number}",
        "createdDateTime": written(at),
        "appDisplayName": "Chat GPT",
        "appId": CONSENTS[0].client_id,
        "userPrincipalName": user["userPrincipalName"],
        "userId": user["id"],
        "isInteractive": True,
        "status": {"errorCode": error},
    }


def overrides(folder: Path, address: str) -> dict[str, Any]:
    """Return the settings that load it."""
    return {"sources.entra.files": str(folder)}
