"""What the demo's own machines cost: by the hour, a fee for the pool, a line without GPUs."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.demo.parts import Truths
from pipelines.demo.parts.vllm import MACHINES, POOL
from pipelines.demo.window import Window

NAME = "gpu_costs"
VENDOR, ACCOUNT, CURRENCY = "Gridforge", "GF-9", "USD"
PRICE, GPUS, GPUS_PER_ENGINE, FEE = Decimal("2.4917"), 8, 4, Decimal("100.01")
HEADER = (
    "vendor,account,pool,node,gpus,gpus_per_engine,from,to,price_per_gpu_hour,amount,currency,"
    "billed_elsewhere"
)


def write(folder: Path, window: Window) -> Truths:
    """Write a list a month: two machines by the hour, the pool's fee, one that a cloud bills."""
    folder.mkdir(parents=True)
    costs: defaultdict[str, Decimal] = defaultdict(Decimal)
    for month in window.months:
        days = window.days_of(month)
        period = f"{days[0]},{days[-1] + timedelta(1)}"
        start = f"{VENDOR},{ACCOUNT},{POOL}"
        lines = [
            f"{start},{name},{GPUS},{GPUS_PER_ENGINE},{period},{PRICE},,{CURRENCY},"
            for name in MACHINES
        ]
        lines.append(f"{start},,,,{period},,{FEE},{CURRENCY},")
        lines.append(f"{start},cloud-1,{GPUS},,{period},{PRICE},,{CURRENCY},true")
        lines.append(f"{start},{MACHINES[0]},,,{period},{PRICE},,{CURRENCY},")
        (folder / f"gpus_{month:%Y-%m}.csv").write_text("\n".join([HEADER, *lines]) + "\n")
        costs[month.isoformat()] = PRICE * GPUS * 24 * len(days) * len(MACHINES) + FEE
    bill = [
        {"billing_month": month, "billing_currency": CURRENCY, "billed_cost": f"{cost:f}"}
        for month, cost in costs.items()
    ]
    account = {"service_provider_name": VENDOR, "billing_account_id": ACCOUNT}
    plant = {
        "kind": "gpu_cost_list",
        "pool_id": POOL,
        "day_count": len(window.days),
        "month_count": len(window.months),
        "price_of_a_day": f"{PRICE * GPUS * 24:f}",
        "fee": f"{FEE * len(window.months):f}",
        "billed_cost": f"{sum(costs.values()):f}",
    }
    return {
        "invoices": [account | line for line in bill],
        "teams": [{"team_id": "unallocated"} | line for line in bill],
        "plants": [plant],
    }


def overrides(folder: Path, address: str) -> dict[str, Any]:
    """Return the settings that load it."""
    return {"sources.gpu_costs.files": str(folder / "*.csv")}
