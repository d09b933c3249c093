"""A platform that teams share: its use is theirs, what it costs beside is shared by rules."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.demo.parts import Truths, invoices
from pipelines.demo.truths import plain_value
from pipelines.demo.window import Window, next_month

NAME = "shared_platform"
VENDOR, ACCOUNT, CURRENCY = "Loomwork", "LW-12", "USD"
# project, team, quantity, unit, cost: what each team uses of it in a month.
USES = (
    ("loom-search", "search", 600_000, "Tokens", "30.00"),
    ("loom-support", "support", 300_000, "Tokens", "15.00"),
    ("loom-research", "research", 100_000, "Tokens", "5.00"),
    ("loom-search", "search", 500, "Requests", "5.00"),
    ("loom-support", "support", 1_500, "Requests", "10.00"),
)
# project, its cost, who pays how much of it by the rule below, worked out by hand.
SHARED = (
    # 6 : 3 : 1 by tokens.
    ("loom-index", "80.00", {"search": "48", "support": "24", "research": "8"}),
    # 1 : 3 by requests.
    ("loom-gateway", "40.00", {"search": "10", "support": "30"}),
    # The first hundred thousand tokens are free, the next 300,000 count whole, the rest half:
    # 300,000 + 100,000 of search, 200,000 of support, none of research.
    ("loom-desk", "60.00", {"search": "40", "support": "20"}),
    # A fifth is given to nobody.
    ("loom-training", "10.00", {"search": "5", "support": "3", "unallocated": "2"}),
    ("loom-audit", "9.00", {"search": "3", "support": "3", "research": "3"}),
    # By cost: 35 : 25 : 5.
    ("loom-licence", "13.00", {"search": "7", "support": "5", "research": "1"}),
)  # fmt: skip
_ANY = (None, None, None)
SHARED_COSTS = (
    (VENDOR, None, "loom-index", "proportional", "tokens", *_ANY, None, None, None),
    (VENDOR, None, "loom-gateway", "proportional", "requests", *_ANY, None, None, None),
    (VENDOR, None, "loom-desk", "tiered", "tokens", None, None, 0, 0, None, None),
    (VENDOR, None, "loom-desk", "tiered", "tokens", None, None, 100_000, 1, None, None),
    (VENDOR, None, "loom-desk", "tiered", "tokens", None, None, 400_000, "0.5", None, None),
    (VENDOR, None, "loom-training", "fixed", None, "search", "0.5", None, None, None, None),
    (VENDOR, None, "loom-training", "fixed", None, "support", "0.3", None, None, None, None),
    (VENDOR, None, "loom-audit", "even", None, *_ANY, None, None, None),
    (VENDOR, None, "loom-licence", "proportional", "cost", *_ANY, None, None, None),
)
OWNERS = tuple(
    ("sub_account", VENDOR, project, team, None, None)
    for project, team in dict(use[:2] for use in USES).items()
)
METHODS = {
    "loom-index": "shared_proportional_tokens",
    "loom-gateway": "shared_proportional_requests",
    "loom-desk": "shared_tiered_tokens",
    "loom-training": "shared_fixed",
    "loom-audit": "shared_even",
    "loom-licence": "shared_proportional",
}


def write(folder: Path, window: Window) -> Truths:
    """Write an invoice a month, the same each month: use by project, and what is shared."""
    folder.mkdir(parents=True)
    bills, teams, plants = [], [], []
    for month in window.months:
        start = f"{VENDOR},{ACCOUNT},LW-{month:%Y%m},{month},{next_month(month)}"
        lines = [
            f"{start},Usage,use of it,{project},{quantity},{unit},{cost},{CURRENCY}"
            for project, _, quantity, unit, cost in USES
        ] + [
            f"{start},Purchase,shared part,{project},,,{cost},{CURRENCY}"
            for project, cost, _ in SHARED
        ]
        text = "\n".join([invoices.PLAIN_HEADER, *lines]) + "\n"
        (folder / f"loomwork_{month:%Y-%m}.csv").write_text(text)
        costs: dict[str, Decimal] = defaultdict(Decimal)
        for _, team, _, _, cost in USES:
            costs[team] += Decimal(cost)
        for project, cost, parts in SHARED:
            assert sum(map(Decimal, parts.values())) == Decimal(cost)
            for team, part in parts.items():
                costs[team] += Decimal(part)
            plants.append(
                {
                    "kind": "shared_cost",
                    "service_provider_name": VENDOR,
                    "billing_month": month.isoformat(),
                    "sub_account_id": project,
                    "allocation_method": METHODS[project],
                    "parts": parts,
                }
            )
        of = {"billing_month": month.isoformat(), "billing_currency": CURRENCY}
        bill = {"service_provider_name": VENDOR, "billing_account_id": ACCOUNT, **of}
        bills.append({**bill, "billed_cost": plain_value(sum(costs.values(), Decimal(0)))})
        teams += [
            {"team_id": team, **of, "billed_cost": plain_value(cost)}
            for team, cost in costs.items()
        ]
    return {"invoices": bills, "teams": teams, "plants": plants}


def overrides(folder: Path, address: str) -> dict[str, Any]:
    """Return the settings that load it, with every other typed invoice."""
    return invoices.overrides(folder, address)
