"""Writes a made-up company as its systems would: logs, statements, bills and registers."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from benchmarks.shadow_audit_logs import (
    entra_records,
    entra_sign_in,
    google_activity,
    moment_of,
    okta_events,
)
from benchmarks.shadow_company import PROVIDERS
from benchmarks.shadow_shapes import Charge, Company, Seen, ToolUse

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
SALT = "pepper"


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
    okta = [event for one in of.get("okta", []) for event in okta_events(*one)]
    _json(folder / "okta" / "log.json", sorted(okta, key=lambda event: event["published"]))
    _json(
        folder / "google_workspace" / "page.json",
        {"items": [google_activity(*one, rng) for one in of.get("google_workspace", [])]},
    )
    entra = of.get("entra", [])
    grants = [record for n, one in entra if one.kind == "grant" for record in entra_records(n, one)]
    _json(folder / "entra" / "audit.json", {"records": grants})
    signed = [entra_sign_in(n, one) for n, one in entra if one.kind == "sign_in"]
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
    tools = [json.dumps(_metric(number, one)) for number, one in enumerate(company.tools)]
    _lines(folder / "tools" / "metrics.jsonl", tools)
    _registers(company, folder)
    return _settings(folder)


def _settings(folder: Path) -> dict[str, Any]:
    names = {
        "squid": "squid", "zeek": "zeek", "okta": "okta", "google_workspace": "google_workspace",
        "entra": "entra", "card_transactions": "cards", "expenses": "expenses", "focus": "bills",
        "litellm": "gateway", "enterprise_seats": "seats", "claude_code_otel": "tools",
    }  # fmt: skip
    return {
        **{f"sources.{source}.files": str(folder / name) for source, name in names.items()},
        "bursar.org": str(folder / "org"),
        "bursar.pricing": str(folder / "org"),
        "bursar.policy": str(folder / "policy"),
        "bursar.salt": SALT,
    }


def _cased(text: str, rng: random.Random) -> str:
    return text.upper() if rng.random() < 0.1 else text


def _squid(number: int, one: Seen, rng: random.Random) -> str:
    result = "TCP_TUNNEL/200" if one.is_use else "TCP_DENIED/403"
    is_named = "@" in one.person
    host = _cased(one.name, rng)
    what = f"CONNECT {host}:443" if rng.random() < 0.8 else f"GET http://{host}/v1/x?q=claude.ai"
    client = "10.9.9.9" if is_named else one.person
    return (
        f"{moment_of(one.day, number).timestamp():.3f} 120 {client} {result} "
        f"{rng.randint(500, 9000)} "
        f"{what} {one.person if is_named else '-'} HIER_DIRECT/192.0.2.1 -"
    )


def _zeek(number: int, one: Seen, rng: random.Random) -> str:
    host = _cased(one.name, rng)
    told = {
        "ts": moment_of(one.day, number).timestamp(),
        "uid": f"C{number}",
        "id.orig_h": one.person,
    }
    if one.kind == "dns":
        told |= {"_path": "dns", "query": host, "qtype_name": rng.choice(("A", "AAAA")),
                 "trans_id": number}  # fmt: skip
    else:
        told |= {"_path": "ssl", "server_name": host, "established": True, "version": "TLSv13"}
    return json.dumps(told)


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
                at = f"{moment_of(day, number):%Y-%m-%d %H:%M:%S}.000000"
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


def _metric(number: int, one: ToolUse) -> dict[str, Any]:
    """Return a session's metric of tokens, as OpenTelemetry's collector writes it."""
    told = {
        "session.id": f"session-{number}", "user.email": one.person, "type": "input",
        "model": "claude-sonnet-4-5-20250929", "organization.id": one.account,
    }  # fmt: skip
    at = int(moment_of(one.day, number).timestamp())
    point = {
        "attributes": [{"key": k, "value": {"stringValue": text}} for k, text in told.items()],
        "startTimeUnixNano": f"{at}000000000", "timeUnixNano": f"{at + 60}000000000",
        "asInt": "500",
    }  # fmt: skip
    total = {"aggregationTemporality": 2, "isMonotonic": True, "dataPoints": [point]}
    metrics = [{"name": "claude_code.token.usage", "sum": total}]
    scopes = [{"scope": {"name": "claude_code"}, "metrics": metrics}]
    return {"resourceMetrics": [{"resource": {"attributes": []}, "scopeMetrics": scopes}]}


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
         for who, plan in company.seats.items()]
        + [("Anthropic", "claude-seats", "seat", month, after, who, "Team", 1)
           for who in company.tool_seats],
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
