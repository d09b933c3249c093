"""Writes a made-up company as its systems would: logs, statements, bills and registers."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from benchmarks.shadow_company import PROVIDERS, Charge, Company, Seen

CARD_HEADER = (
    "transaction_id", "transaction_date", "merchant_name", "mcc", "amount", "currency", "card_id",
    "cardholder_email", "status",
)  # fmt: skip
BILL_HEADER = (
    "BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "BillingAccountId",
    "BillingCurrency", "BillingPeriodStart", "BillingPeriodEnd", "ChargeCategory",
    "ChargePeriodStart", "ChargePeriodEnd", "ChargeDescription", "ConsumedQuantity",
    "ConsumedUnit", "InvoiceIssuerName", "ProviderName", "PublisherName", "ServiceCategory",
    "ServiceName", "SkuMeter", "SkuPriceDetails", "SubAccountId", "SubAccountName",
    "x_CredentialId",
)  # fmt: skip
SYSTEM = {"id": "okta", "type": "SystemPrincipal", "alternateId": "system@okta.com"}
FIRST_SECOND = 8 * 3600


def write_company(company: Company, folder: Path) -> dict[str, Any]:
    """Write all files below a folder; return the settings that load them."""
    rng = random.Random(f"files {company.seed}")
    of: dict[str, list[tuple[int, Seen]]] = {}
    for number, one in enumerate(company.seen):
        of.setdefault(one.source, []).append((number, one))
    _lines(folder / "squid" / "access.log", [_squid(*one, rng) for one in of.get("squid", [])])
    zeek = of.get("zeek", [])
    for kind, name in (("dns", "dns.log"), ("tls", "ssl.log")):
        _lines(folder / "zeek" / name, [_zeek(n, one, rng) for n, one in zeek if one.kind == kind])
    okta = [event for one in of.get("okta", []) for event in _okta(*one)]
    _json(folder / "okta" / "log.json", sorted(okta, key=lambda event: event["published"]))
    _json(
        folder / "google_workspace" / "page.json",
        {"items": [_google(*one, rng) for one in of.get("google_workspace", [])]},
    )
    entra = of.get("entra", [])
    grants = [record for n, one in entra if one.kind == "grant" for record in _entra_grant(n, one)]
    _json(folder / "entra" / "audit.json", {"records": grants})
    signed = [_entra_sign_in(n, one) for n, one in entra if one.kind == "sign_in"]
    _json(folder / "entra" / "sign_ins.json", {"value": signed})
    cards = of.get("card_transactions", [])
    _csv(folder / "cards" / "feed.csv", CARD_HEADER, [_card(*one) for one in cards])
    _csv(
        folder / "expenses" / "reports.csv",
        ("Timestamp", "Merchant", "Amount", "Email", "Currency", "Original Currency",
         "Original Amount"),
        [_expense(one) for _, one in cards if one.is_reported],
    )  # fmt: skip
    for provider, *_ in PROVIDERS:
        rows = [_bill(one) for one in company.charges if one.provider == provider]
        _csv(folder / "bills" / f"{provider.lower()}.csv", BILL_HEADER, rows)
    _lines(folder / "gateway" / "calls.jsonl", [json.dumps(one) for one in _calls(company)])
    _registers(company, folder)
    return _settings(folder)


def _settings(folder: Path) -> dict[str, Any]:
    names = {
        "squid": "squid", "zeek": "zeek", "okta": "okta", "google_workspace": "google_workspace",
        "entra": "entra", "card_transactions": "cards", "expenses": "expenses", "focus": "bills",
        "litellm": "gateway", "enterprise_seats": "seats",
    }  # fmt: skip
    return {
        **{f"sources.{source}.files": str(folder / name) for source, name in names.items()},
        "bursar.org": str(folder / "org"),
        "bursar.pricing": str(folder / "org"),
        "bursar.policy": str(folder / "policy"),
        "bursar.salt": "pepper",
    }


def _at(day: date, number: int) -> datetime:
    start = datetime.combine(day, time(), tzinfo=UTC)
    return start + timedelta(seconds=FIRST_SECOND + number % 36_000)


def _written(day: date, number: int) -> str:
    return f"{_at(day, number):%Y-%m-%dT%H:%M:%S}.000Z"


def _cased(text: str, rng: random.Random) -> str:
    return text.upper() if rng.random() < 0.1 else text


def _squid(number: int, one: Seen, rng: random.Random) -> str:
    result = "TCP_TUNNEL/200" if one.is_use else "TCP_DENIED/403"
    is_named = "@" in one.person
    host = _cased(one.name, rng)
    what = f"CONNECT {host}:443" if rng.random() < 0.8 else f"GET http://{host}/v1/x?q=claude.ai"
    client = "10.9.9.9" if is_named else one.person
    return (
        f"{_at(one.day, number).timestamp():.3f} 120 {client} {result} {rng.randint(500, 9000)} "
        f"{what} {one.person if is_named else '-'} HIER_DIRECT/192.0.2.1 -"
    )


def _zeek(number: int, one: Seen, rng: random.Random) -> str:
    host = _cased(one.name, rng)
    told = {"ts": _at(one.day, number).timestamp(), "uid": f"C{number}", "id.orig_h": one.person}
    if one.kind == "dns":
        told |= {"_path": "dns", "query": host, "qtype_name": rng.choice(("A", "AAAA")),
                 "trans_id": number}  # fmt: skip
    else:
        told |= {"_path": "ssl", "server_name": host, "established": True, "version": "TLSv13"}
    return json.dumps(told)


def _okta(number: int, one: Seen) -> list[dict[str, Any]]:
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


def _google(number: int, one: Seen, rng: random.Random) -> dict[str, Any]:
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


def _entra_grant(number: int, one: Seen) -> list[dict[str, Any]]:
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


def _entra_sign_in(number: int, one: Seen) -> dict[str, Any]:
    person = _entra_person(one.person)
    return {
        "id": f"sign-in-{number}", "createdDateTime": _written(one.day, number),
        "appDisplayName": one.name, "appId": f"00000004-0000-4000-8000-{number:012x}",
        "userPrincipalName": person["userPrincipalName"], "userId": person["id"],
        "isInteractive": True, "status": {"errorCode": 0},
    }  # fmt: skip


def _card(number: int, one: Seen) -> tuple[object, ...]:
    return (
        f"tx-{number}", one.day, one.name, one.category, one.amount, one.currency,
        f"card-{one.person}", one.person, one.status,
    )  # fmt: skip


def _expense(one: Seen) -> tuple[object, ...]:
    moment = f"{one.day + timedelta(days=1)} 00:00:00"
    return (
        moment, one.name, one.amount, one.person, one.currency, one.currency, one.amount
    )  # fmt: skip


def _bill(one: Charge) -> tuple[object, ...]:
    def moment(day: date) -> str:
        return f"{day}T00:00:00Z"

    month = one.day.replace(day=1)
    after = (month + timedelta(days=32)).replace(day=1)
    details = {"x_ModelName": one.model, "x_TokenClass": "input"}
    return (
        *[one.amount] * 4, one.account, "USD", moment(month), moment(after), "Usage",
        moment(one.day), moment(one.day + timedelta(days=1)), f"{one.model} input", 100_000,
        "Tokens", *[one.provider] * 3, "AI and Machine Learning", f"{one.provider} API",
        f"{one.model} input", json.dumps(details), one.project, one.project, one.key,
    )  # fmt: skip


def _calls(company: Company) -> Iterable[dict[str, Any]]:
    """Yield a day's calls of each metered model through the gateway."""
    for number, day in enumerate(company.days):
        for provider, _, models, _ in PROVIDERS:
            for model in models:
                at = f"{_at(day, number):%Y-%m-%d %H:%M:%S}.000000"
                yield {
                    "request_id": f"call-{day}-{model}", "call_type": "acompletion",
                    "api_key": "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b",
                    "cache_hit": "None", "startTime": at, "endTime": at, "model": model,
                    "user": company.persons[0], "team_id": company.teams[0], "metadata": "{}",
                    "spend": 0.01, "total_tokens": 150, "prompt_tokens": 100,
                    "completion_tokens": 50, "request_tags": "[]", "end_user": "",
                    "api_base": f"https://api.{provider.lower()}.com/v1",
                    "custom_llm_provider": provider.lower(), "status": "success",
                }  # fmt: skip


def _registers(company: Company, folder: Path) -> None:
    organisation, month = folder / "org", company.days[0].replace(day=1)
    _csv(
        organisation / "teams.csv",
        ("team_id", "team_name", "cost_center_id", "parent_team_id", "valid_from", "valid_to"),
        [(team, team.title(), "", "", "", "") for team in company.teams],
    )
    _csv(
        organisation / "owners.csv",
        ("owner_kind", "service_provider_name", "owner_key", "team_id", "valid_from", "valid_to"),
        company.owners,
    )
    _csv(
        organisation / "credentials.csv",
        ("service_provider_name", "credential_id", "credential_name", "route", "valid_from",
         "valid_to"),
        [(provider, key, key, route, starts, ends)
         for provider, key, route, starts, ends in company.keys],
    )  # fmt: skip
    _csv(
        folder / "policy" / "ai_service_decisions.csv",
        ("ai_service_id", "finding_kind", "team_id", "plan_name", "decision", "valid_from",
         "valid_to", "decided_by", "decided_on", "reason"),
        [(one.service, one.finding_kind, one.team, one.plan, one.decision, one.starts,
          one.ends if one.ends.year < 9999 else "", "AI board", one.decided, "made up")
         for one in company.decisions],
    )  # fmt: skip
    after = (company.days[-1].replace(day=1) + timedelta(days=32)).replace(day=1)
    _csv(
        folder / "seats" / "register.csv",
        ("vendor", "account", "kind", "period_start", "period_end", "email", "plan", "quantity"),
        [("OpenAI", "chat-seats", "seat", month, after, who, plan, 1)
         for who, plan in company.seats.items()],
    )  # fmt: skip


def _lines(path: Path, lines: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines))


def _json(path: Path, document: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))


def _csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
