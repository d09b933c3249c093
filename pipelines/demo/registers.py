"""What people at the demo company keep: teams, owners, keys, shared costs, negotiated prices."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from types import ModuleType

from pipelines.demo.ai_systems import ai_systems
from pipelines.demo.books import acceptances, gl_accounts, invoice_payments
from pipelines.demo.commitments import commitments
from pipelines.demo.company import (
    ANTHROPIC,
    DELETED_KEY,
    GATEWAY_KEYS,
    LEGACY_ENDS_AT,
    MICROSOFT,
    MOVED_PROVIDER_KEY,
    MOVED_VIRTUAL_KEY,
    OPENAI,
    VIRTUAL_KEYS,
)
from pipelines.demo.decisions import decisions
from pipelines.demo.fees import chargeback_fees
from pipelines.demo.fx import fx_rates
from pipelines.demo.parts import parts
from pipelines.demo.prices import overrides
from pipelines.demo.shadow_keys import key_periods
from pipelines.demo.teams import team_rows
from pipelines.demo.window import Window

Row = tuple[object, ...]
LITELLM = "LiteLLM"
# What a demo of any size spends is some hundreds a month: one budget is too small, one is ample.
BUDGETS: tuple[Row, ...] = (
    ("team", "search-ranking", "month", 150, "USD", "0.5;0.8;1", "search-leads", None, None),
    ("team", "platform", "month", 5000, "USD", "0.8;1", "platform-leads", None, None),
    ("cost_center", "CC-400", "quarter", 600, "EUR", "0.8;1", "research-leads", None, None),
    ("service_provider", ANTHROPIC, "quarter", 2000, "USD", "0.9", "procurement", None, None),
    ("ai_system", "support-assistant", "month", 400, "USD", "0.5;1", "support-leads", None, None),
)
PROJECTS = {
    "proj_gateway": ("AI gateway", "platform"),
    "proj_search": ("Search", "search"),
    "proj_research": ("Research", "research"),
    "proj_marketing_site": ("Marketing site", "marketing"),
    "proj_sandbox": ("Sandbox", None),
    "proj_legacy": ("Legacy bots", "finance"),
}
# key id: project, name, is registered with the company
OPENAI_KEYS = {
    "key_gateway": ("proj_gateway", "litellm gateway", True),
    "key_search_direct": ("proj_search", "search direct", True),
    "key_research_batch": ("proj_research", "research batch", True),
    "key_shared_eval": ("proj_research", "shared evaluation", True),
    "key_site_widget": ("proj_marketing_site", "site widget", False),
    "key_sandbox": ("proj_sandbox", "try-out", False),
    DELETED_KEY: ("proj_legacy", "legacy bot", True),
}
_ANTHROPIC_KEYS = {
    "apikey_gateway": "litellm gateway",
    "apikey_ranking": "ranking service",
    "apikey_support_agent": "support agent",
    "apikey_notebook": "notebooks",
}


def _write_csv(path: Path, header: str, rows: Iterable[Sequence[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split(", "))
        writer.writerows(["" if cell is None else cell for cell in row] for row in rows)


def _of_parts(name: str, further: Iterable[ModuleType] | None = None) -> list[Row]:
    """Return the rows that the parts have for one register, all of them or those given."""
    chosen = parts() if further is None else further
    return [row for part in chosen for row in getattr(part, name, ())]


def _owners(window: Window) -> list[Row]:
    def moved(service: str, key: str, day: date, teams: Sequence[str]) -> list[Row]:
        return [
            ("credential", service, key, teams[0], None, day),
            ("credential", service, key, teams[1], day, None),
        ]

    def rule(kind: str, service: str, key: str, team: str) -> Row:
        return (kind, service, key, team, None, None)

    hashed = {alias: key.hashed(window.seed) for alias, key in VIRTUAL_KEYS.items()}
    alias, *virtual_teams = MOVED_VIRTUAL_KEY
    key, *provider_teams = MOVED_PROVIDER_KEY
    return [
        *(
            rule("credential", LITELLM, hashed[virtual.alias], virtual.team_id)
            for virtual in VIRTUAL_KEYS.values()
            if virtual.is_registered and virtual.alias != alias
        ),
        *moved(LITELLM, hashed[alias], window.virtual_key_move_day, virtual_teams),
        *moved(OPENAI, key, window.provider_key_move_day, provider_teams),
        rule("credential", OPENAI, "key_research_batch", "research"),
        rule("credential", OPENAI, DELETED_KEY, "support"),
        rule("credential", ANTHROPIC, "apikey_ranking", "search-ranking"),
        rule("credential", ANTHROPIC, "apikey_support_agent", "support"),
        rule("credential", ANTHROPIC, "apikey_notebook", "data-science"),
        *(
            rule("sub_account", OPENAI, project, team)
            for project, (_, team) in PROJECTS.items()
            if team
        ),
        rule("sub_account", ANTHROPIC, "wrkspc_gateway", "platform"),
        rule("sub_account", ANTHROPIC, "wrkspc_apps", "search"),
        rule("sub_account", MICROSOFT, "sub-data", "data-science"),
        rule("sub_account", MICROSOFT, "sub-support", "support"),
        rule("tag", MICROSOFT, "team=finance", "finance"),
        rule("tag", MICROSOFT, "team=marketing", "marketing"),
        rule("gateway_team", LITELLM, "lt-finance", "finance"),
        rule("service_provider", ANTHROPIC, ANTHROPIC, "platform"),
    ]


def _credentials(window: Window) -> list[Row]:
    gateway = {key for _, key in GATEWAY_KEYS.values()}
    names = [
        *((OPENAI, key, name) for key, (_, name, known) in OPENAI_KEYS.items() if known),
        *((ANTHROPIC, key, name) for key, name in _ANTHROPIC_KEYS.items()),
    ]
    return [
        (*row, "gateway" if row[1] in gateway else "direct", *period)
        for row in names
        for period in key_periods(window, row[1])
    ]


_OUTCOMES = (
    ("support", "tickets", 4_200, "Ticket system"),
    ("search", "pull_requests", 310, "Code host"),
    ("finance", "documents", 950, None),
)


def _outcomes(window: Window) -> list[Row]:
    """Return what teams got done in each month, a little more from month to month."""
    return [
        (month, team, kind, quantity + number * 100, source)
        for number, month in enumerate(window.months)
        for team, kind, quantity, source in _OUTCOMES
    ]


def _fx_rates(window: Window) -> list[Row]:
    """Return the dollar's price in euro per month: the way back of what the warehouse needs."""
    return [
        (month, "USD", "EUR", rate, month, "Demo bank") for month, rate in fx_rates(window).items()
    ]


def write_registers(window: Window, folder: Path, further: Iterable[ModuleType]) -> None:
    """Write org/*.csv and pricing/overrides.csv; `further` are the parts that this demo has."""
    organisation = folder / "org"
    _write_csv(
        organisation / "teams.csv",
        "team_id, team_name, cost_center_id, parent_team_id, valid_from, valid_to, company_id",
        [*team_rows(window), *_of_parts("TEAMS", further)],
    )
    _write_csv(
        organisation / "owners.csv",
        "owner_kind, service_provider_name, owner_key, team_id, valid_from, valid_to",
        [*_owners(window), *_of_parts("OWNERS")],
    )
    _write_csv(
        organisation / "credentials.csv",
        "service_provider_name, credential_id, credential_name, route, valid_from, valid_to",
        _credentials(window),
    )
    _write_csv(
        organisation / "shared_costs.csv",
        "service_provider_name, charge_category, sub_account_id, method, allocation_driver, "
        "team_id, share, tier_start, tier_weight, valid_from, valid_to",
        [
            (MICROSOFT, "Tax", None, "proportional", *[None] * 7),
            *_of_parts("SHARED_COSTS"),
        ],
    )
    _write_csv(
        organisation / "ai_systems.csv",
        "ai_system_id, ai_system_name, team_id, member_kind, service_provider_name, member_key, "
        "valid_from, valid_to",
        [*ai_systems(window), *_of_parts("AI_SYSTEMS", further)],
    )
    _write_csv(
        organisation / "budgets.csv",
        "scope_kind, scope_id, period, amount, currency, thresholds, contact, valid_from, valid_to",
        [*BUDGETS, *_of_parts("BUDGETS", further)],
    )
    _write_csv(
        organisation / "seat_prices.csv",
        "service_provider_name, plan_name, monthly_price, currency, valid_from, valid_to",
        _of_parts("SEAT_PRICES"),
    )
    _write_csv(
        organisation / "fx_rates.csv",
        "rate_month, from_currency, to_currency, rate, rate_date, rate_source",
        _fx_rates(window),
    )
    _write_csv(
        organisation / "commitments.csv",
        "service_provider_name, billing_account_id, commitment_id, commitment_name, "
        "commitment_kind, ai_model_id, service_tier, committed_quantity, committed_unit, "
        "monthly_cost, currency, valid_from, valid_to, purchased_as, owner_team_id",
        commitments(window),
    )
    _write_csv(
        organisation / "outcomes.csv",
        "outcome_month, team_id, outcome_kind, quantity, outcome_source",
        _outcomes(window),
    )
    _write_csv(
        organisation / "gl_accounts.csv",
        "service_provider_name, billing_account_id, charge_category, expense_account, "
        "clearing_account, accrual_account, company_id, due_from_account, due_to_account, "
        "valid_from, valid_to",
        gl_accounts(),
    )
    _write_csv(
        organisation / "invoice_payments.csv",
        "service_provider_name, billing_account_id, invoice_id, billing_currency, "
        "settled_amount, paid_on, payment_currency, paid_amount, payment_source",
        invoice_payments(window),
    )
    _write_csv(
        organisation / "chargeback_fees.csv",
        "fee_name, team_id, fee_percent, monthly_amount, currency, recovery_account, "
        "recovery_cost_center_id, valid_from, valid_to",
        chargeback_fees(window),
    )
    _write_csv(
        folder / "policy" / "ai_service_decisions.csv",
        "ai_service_id, finding_kind, team_id, plan_name, decision, valid_from, valid_to, "
        "decided_by, decided_on, reason",
        [*decisions(window), *_of_parts("DECISIONS", further)],
    )
    _write_csv(
        folder / "policy" / "statement_acceptances.csv",
        "billing_month, team_id, billing_currency, acceptance_state, statement_cost, "
        "disputed_cost, service_name, decided_by, decided_on, reason",
        acceptances(window),
    )
    _write_csv(
        folder / "pricing" / "overrides.csv",
        "service_provider_name, model_name, token_class, service_tier, context_tier, "
        "unit_price_per_million, currency, valid_from, valid_to, reason, source_url",
        [
            (
                price.provider,
                price.model,
                price.token_class,
                price.tier,
                price.context_tier,
                format(price.per_million, "f"),
                price.currency,
                price.valid_from,
                price.valid_to,
                price.reason,
                "https://contracts.demo.example/ai",
            )
            for price in overrides(window)
        ],
    )


def write_openai_registers(window: Window, folder: Path) -> None:
    """Write projects.json, archived included, and api_keys.json without the deleted key."""
    created = int(datetime.combine(window.start, time(), tzinfo=UTC).timestamp()) - 200 * 86_400
    legacy_days = int(len(window.days) * LEGACY_ENDS_AT)
    archived = created + (200 + legacy_days) * 86_400
    projects = [
        {
            "id": project,
            "object": "organization.project",
            "name": name,
            "created_at": created,
            "archived_at": archived if project == "proj_legacy" else None,
            "status": "archived" if project == "proj_legacy" else "active",
            "external_key_id": None,
        }
        for project, (name, _) in PROJECTS.items()
    ]
    keys: dict[str, list[dict[str, object]]] = {project: [] for project in PROJECTS}
    for number, (key, (project, name, _)) in enumerate(OPENAI_KEYS.items()):
        if key == DELETED_KEY:
            continue
        owner = {"id": f"svc_{number:03d}", "name": name, "role": "member", "created_at": created}
        keys[project].append(
            {
                "object": "organization.project.api_key",
                "redacted_value": f"sk-demo...{number:03d}",
                "name": name,
                "created_at": created,
                "last_used_at": created + 200 * 86_400,
                "id": key,
                "owner_project_access": "active",
                "owner": {"type": "service_account", "service_account": owner},
            }
        )
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in (("projects", projects), ("api_keys", keys)):
        text = json.dumps(content, indent=2) + "\n"
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
