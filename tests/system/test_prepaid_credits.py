"""Credits that an invoice sells: from registers to FOCUS, a close and its verification."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.system.world import bursar, link, query

pytestmark = pytest.mark.slow

ORG = {
    "teams.csv": "team_id,team_name,cost_center_id,parent_team_id,valid_from,valid_to\n"
    "platform,Platform,1,,,\nsearch,Search,2,,,\n",
    "owners.csv": "owner_kind,service_provider_name,owner_key,team_id,valid_from,valid_to\n"
    "sub_account,OpenAI,searching,search,,\n",
    # Ninety dollars for a hundred, for two months; and capacity that a FOCUS bill spreads itself.
    "commitments.csv": "service_provider_name,billing_account_id,commitment_id,commitment_name,"
    "commitment_kind,ai_model_id,service_tier,committed_quantity,committed_unit,monthly_cost,"
    "currency,valid_from,valid_to,purchased_as,owner_team_id\n"
    "OpenAI,acme,credits,Credits,prepaid_credit,,,100,USD,90,USD,2026-08-01,2026-10-01,INV-1,"
    "platform\n"
    "OpenAI,beta,plan,Plan,committed_spend,,,100,USD,50,USD,2026-08-01,,,platform\n",
}
INVOICE = (
    "service_provider_name,billing_account_id,invoice_id,billing_period_start,billing_period_end,"
    "charge_category,charge_description,sub_account_id,billed_cost,billing_currency\n"
    "OpenAI,acme,INV-1,2026-08-01,2026-09-01,Purchase,Credits,,90,USD\n"
)
PLAN = {"CommitmentDiscountId": "plan", "BillingAccountId": "beta"}


def charge(month: int, billed: str, **columns: Any) -> dict[str, Any]:
    """Return a FOCUS charge of the team that searches, on a month's bill."""
    start, end = f"2026-{month:02}-01", f"2026-{month + 1:02}-01"
    return {
        "BilledCost": billed, "EffectiveCost": billed, "BillingCurrency": "USD",
        "ChargeCategory": "Usage", "BillingPeriodStart": start, "BillingPeriodEnd": end,
        "ChargePeriodStart": start, "ChargePeriodEnd": end, "ServiceProviderName": "OpenAI",
        "ServiceName": "API", "BillingAccountId": "acme", "SubAccountId": "searching",
        "CommitmentDiscountId": None, "CommitmentDiscountStatus": None, **columns,
    }  # fmt: skip


BILL = [
    charge(8, "40"),
    charge(9, "30"),
    charge(8, "50", ChargeCategory="Purchase", EffectiveCost="0", **PLAN),
    charge(8, "0", EffectiveCost="35", CommitmentDiscountStatus="Used", **PLAN),
    charge(8, "0", EffectiveCost="15", CommitmentDiscountStatus="Unused", **PLAN),
]
COSTS = (
    "select billing_month::text, billing_account_id, team_id, sum(billed_cost), "
    "sum(effective_cost) from cost_per_team_month where billed_cost is not null group by all"
)


def write_bill(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write a FOCUS file."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(BILL[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what was loaded and built."""
    made = tmp_path_factory.mktemp("credits")
    (made / "org").mkdir()
    for name, text in ORG.items():
        (made / "org" / name).write_text(text)
    (made / "bills").mkdir()
    (made / "invoice.csv").write_text(INVOICE)
    write_bill(made / "bills" / "bill.csv", BILL)
    run(made)
    return made


def run(folder: Path) -> None:
    """Load and build."""
    bursar(
        "run",
        home=folder / "home",
        BURSAR_ORG=str(folder / "org"),
        SOURCES__INVOICES__FILES=str(folder / "invoice.csv"),
        SOURCES__FOCUS__FILES=str(folder / "bills" / "*.csv"),
    )


def costs(folder: Path) -> dict[tuple[str, str, str], tuple[Decimal, Decimal]]:
    """Return billed and effective cost by month, account and team, where either is any."""
    rows = [tuple(row.values()) for row in query(link(folder / "home"), COSTS)]
    return {(month[:7], *who): (billed, effective) for month, *who, billed, effective in rows}


def test_the_price_goes_to_who_used_it_and_the_rest_to_its_owner(folder: Path) -> None:
    assert costs(folder) == {
        ("2026-08", "acme", "unallocated"): (90, 0),
        ("2026-08", "acme", "search"): (40, 36),
        ("2026-09", "acme", "search"): (30, 27),
        # Ninety less thirty-six and twenty-seven, with the last month that the credits count.
        ("2026-09", "acme", "platform"): (0, 27),
        ("2026-08", "beta", "search"): (50, 35),
        ("2026-08", "beta", "platform"): (0, 15),
    }
    told = query(
        link(folder / "home"),
        "select used_cost, unused_cost, on_demand_cost from commitment_utilisation_month "
        "where commitment_id = 'credits' and billing_month = '2026-09-01'",
    )
    assert [tuple(row.values()) for row in told] == [(27, 27, 30)]


def test_what_comes_after_a_close_moves_the_rest_in_the_open_month(folder: Path) -> None:
    """The last test of the page: it closes a month, and a use of it is told late."""
    home = folder / "home"
    bursar("close", "2026-08", "--force", "--reason", "test", home=home)
    write_bill(folder / "bills" / "late.csv", [charge(8, "20", SubAccountId=None)])
    run(folder)
    found = costs(folder)
    assert found["2026-08", "acme", "search"] == (40, 36)
    assert found["2026-09", "acme", "platform"] == (0, 9)
    assert found["2026-09", "acme", "unallocated"] == (20, 18)
    assert (
        sum(effective for (_, account, _), (_, effective) in found.items() if account == "acme")
        == 90
    )
    bursar("verify", home=home)
    bursar("export", "chargeback", "--month", "2026-09", "--format", "focus", home=home)
    [file] = (home / "packs" / "2026-09").glob("focus_1_4_2026-09.parquet")
    rows = duckdb.sql(
        "select CommitmentDiscountStatus, sum(EffectiveCost) from read_parquet("
        f"'{file}') where CommitmentDiscountId = 'credits' group by all"
    ).fetchall()
    assert dict(rows) == {"Used": 45, "Unused": 9}
