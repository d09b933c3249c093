"""What is true of a made-up company, and what a warehouse says of it, in one form."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb

from benchmarks.shadow_files import SALT
from benchmarks.shadow_shapes import ALWAYS, Company, Decision, Seen

PROVIDER_SERVICES = {"OpenAI": "openai_api", "Anthropic": "anthropic_api"}
Fact = tuple[Any, ...]


@dataclass
class Facts:
    """What is true of a company, or what the warehouse says of it."""

    signals: set[Fact] = field(default_factory=set)
    """Kind, team, service, day, person or key."""
    findings: set[Fact] = field(default_factory=set)
    """Kind, team, service."""
    states: dict[Fact, str] = field(default_factory=dict)
    billed: Counter[Fact] = field(default_factory=Counter)
    """Provider, account, key, team, month."""
    carded: Counter[Fact] = field(default_factory=Counter)
    """Service, team, currency, month."""


def truth_of(company: Company) -> Facts:
    """Return what the warehouse should say, from what was planted."""
    facts = Facts()
    last: dict[Fact, date] = {}
    for one in company.seen:
        if not one.service or one.status == "reversed":
            continue
        team = company.team_of(one.person, one.day)
        facts.signals.add((one.kind, team, one.service, one.day, pseudonym(one.person)))
        if one.kind == "charge" and one.status == "posted":
            facts.carded[one.service, team, one.currency, _month(one.day)] += one.amount
        if one.is_use:
            found = (_use_kind(company, one, team), team, one.service)
            last[found] = max(one.day, last.get(found, one.day))
    for charge in company.charges:
        service = PROVIDER_SERVICES[charge.provider]
        for kind in charge.findings:
            facts.signals.add((kind, charge.team, service, charge.day, charge.key))
            found = (kind, charge.team, service)
            last[found] = max(charge.day, last.get(found, charge.day))
        if "bypassed_gateway" in charge.findings:
            place = (charge.provider, charge.account, charge.key, charge.team, _month(charge.day))
            facts.billed[place] += charge.amount
    for use in company.tools:
        if use.finding:
            team = company.team_of(use.person, use.day)
            facts.signals.add((use.finding, team, "claude", use.day, pseudonym(use.person)))
            found = (use.finding, team, "claude")
            last[found] = max(use.day, last.get(found, use.day))
    facts.findings = set(last)
    facts.states = {found: _state(company, found, day) for found, day in last.items()}
    return facts


def _use_kind(company: Company, one: Seen, team: str) -> str:
    """Return whether it is use of a service, or of one that is allowed on a plan only."""
    allowed = {
        decision.plan
        for decision in company.decisions
        if _is_about(decision, one.service, team)
        and decision.decision in ("sanctioned", "tolerated")
        and not decision.finding_kind
        and decision.starts <= one.day < decision.ends
    }
    plan = "card" if one.kind == "charge" else company.seats.get(one.person, "no_seat").lower()
    is_known = plan == "card" or ("@" in one.person and one.service in ("chatgpt", "sora"))
    if any(allowed) and "" not in allowed and is_known and plan not in allowed:
        return "unapproved_plan"
    return "unapproved_service"


def _state(company: Company, found: Fact, last: date) -> str:
    """Return what was decided, as docs/decisions/shadow_findings.md says."""
    kind, team, service = found
    fitting = [
        one
        for one in company.decisions
        if _is_about(one, service, team)
        and (
            one.finding_kind == kind
            or (not one.finding_kind and kind == "unapproved_service")
            or (not one.finding_kind and kind == "unapproved_plan" and not one.plan)
        )
    ]
    if not fitting:
        return "open"
    best = min(fitting, key=lambda one: (one.ends <= last, not one.team, -one.decided.toordinal()))
    is_over = best.ends != ALWAYS and best.ends <= last
    return "reopened" if is_over and best.decision != "blocked" else best.decision


def _is_about(decision: Decision, service: str, team: str) -> bool:
    return decision.service == service and decision.team in ("", team)


def found_in(connection: duckdb.DuckDBPyConnection) -> Facts:
    """Return what a warehouse says."""

    def rows(sql: str) -> list[Fact]:
        return connection.sql(sql).fetchall()

    facts = Facts()
    facts.signals = set(rows(
        "select signal_kind, team_id, ai_service_id, usage_date, coalesce(credential_id, actor_id) "
        "from core.fct_shadow_signals"
    ))  # fmt: skip
    told = rows("select finding_kind, team_id, ai_service_id, state from marts.shadow_findings")
    facts.states = {(kind, team, service): state for kind, team, service, state in told}
    facts.findings = set(facts.states)
    unproven = rows(
        "select finding_id from marts.shadow_findings anti join (select * from "
        "marts.shadow_evidence where location is not null or load_unit_id = 'suppressed') "
        "using (finding_id)"
    )
    if unproven:
        raise ValueError(f"{len(unproven)} findings have no evidence, as {unproven[0][0]}.")
    for *place, amount in rows(
        "select service_provider_name, billing_account_id, credential_id, team_id, billing_month, "
        "sum(billed_cost) from marts.shadow_spend_month where spend_kind = 'billed' group by all"
    ):
        facts.billed[tuple(place)] = amount
    for *place, amount in rows(
        # Published without the teams of few persons.
        "select ai_service_id, team_id, cost_currency, "
        "cast(date_trunc('month', usage_date) as date), sum(card_cost) "
        "from core.fct_shadow_signals where card_cost is not null group by all"
    ):
        facts.carded[tuple(place)] = amount
    return facts


def pseudonym(person: str) -> str:
    """Return a person or address as the lake holds it."""
    return hashlib.sha256(f"{SALT}:{person}".encode()).hexdigest()[:32]


def _month(day: date) -> date:
    return day.replace(day=1)
