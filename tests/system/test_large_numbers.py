"""The largest numbers that the door takes build and are shared out to the last digit."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.demo.server import ProviderServer
from pipelines.sources.limits import LARGEST_AMOUNT, LARGEST_COUNT, LARGEST_PRICE_PER_MILLION
from tests.api_sources import write_results
from tests.litellm_logs import spend_log, write_logs
from tests.system.world import bursar, link, query, value

pytestmark = pytest.mark.slow

MONEY = Decimal(LARGEST_AMOUNT) - Decimal("0.000000000001")
FOCUS = (
    "BilledCost,EffectiveCost,ListCost,BillingCurrency,ChargeCategory,BillingPeriodStart,"
    "BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ServiceProviderName,BillingAccountId,"
    "SubAccountId,ConsumedQuantity,ConsumedUnit,SkuMeter,SkuPriceDetails"
)
PERIOD = "2026-09-01,2026-10-01,2026-09-02,2026-09-03"
MODEL = '"{""x_ModelName"": ""gpt-4o"", ""x_TokenClass"": ""output""}"'
ORG = {
    "teams.csv": "team_id,team_name,cost_center_id,parent_team_id,valid_from,valid_to\n"
    "a,A,,,,\nb,B,,,,\nc,C,,,,\n",
    "owners.csv": "owner_kind,service_provider_name,owner_key,team_id,valid_from,valid_to\n"
    "sub_account,,owned_a,a,,\nsub_account,,owned_b,b,,\nsub_account,,proj,c,,\n"
    "gateway_team,LiteLLM,team_a,a,,\ngateway_team,LiteLLM,team_b,b,,\n",
    "chargeback_fees.csv": "fee_name,team_id,fee_percent,monthly_amount,currency,"
    "recovery_account,recovery_cost_center_id,valid_from,valid_to\n"
    f"Platform,,99.999999,,,7900,,,\nDesk,,,{LARGEST_AMOUNT},USD,7900,,,\n",
    "credentials.csv": "service_provider_name,credential_id,credential_name,route,valid_from,"
    "valid_to\nOpenAI,key_1,Gateway,gateway,,\n",
    "shared_costs.csv": "service_provider_name,charge_category,sub_account_id,method,"
    "allocation_driver,team_id,share,tier_start,tier_weight,valid_from,valid_to\n"
    ",,even,even,,,,,,,\n,Tax,,proportional,,,,,,,\n,,tiered,tiered,cost,,,5,0.333333,,\n"
    ",,by_tokens,proportional,tokens,,,,,,\n"
    ",,fixed,fixed,,a,0.333333333333,,,,\n,,fixed,fixed,,b,0.666666666667,,,,\n",
}
PRICES = (
    "service_provider_name,model_name,token_class,service_tier,context_tier,"
    "unit_price_per_million,currency,valid_from,valid_to,reason,source_url\n"
    f"OpenAI,gpt-4o,output,,,{LARGEST_PRICE_PER_MILLION},USD,2026-01-01,,test,\n"
)


def focus_line(account: str, *, sign: str = "", category: str = "Usage") -> str:
    amount = f"{sign}{MONEY}"
    return (
        f"{amount},{amount},{amount},USD,{category},{PERIOD},OpenAI,bill,{account},"
        f"{LARGEST_AMOUNT},Tokens,Output Tokens,{MODEL}"
    )


def write_feed(folder: Path) -> None:
    accounts = ("owned_a", "owned_b", "even", "fixed", "tiered", "by_tokens", "nobody")
    lines = [focus_line(account) for account in accounts]
    lines += [focus_line("", category="Tax"), focus_line("owned_a", sign="-")]
    for name, text in {
        "org/overrides.csv": PRICES,
        "focus.csv": "\n".join([FOCUS, *lines]) + "\n",
        **{f"org/{name}": text for name, text in ORG.items()},
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    half = LARGEST_COUNT // 2
    counts = {"prompt_tokens": half, "completion_tokens": half, "total_tokens": LARGEST_COUNT}
    write_logs(
        folder / "logs.jsonl",
        *(
            spend_log(
                f"r{number}",
                startTime="2026-09-02 10:00:00",
                team_id=team,
                model="gpt-4o",
                spend=LARGEST_AMOUNT,
                **counts,
            )
            for number, team in enumerate(("team_a", "team_b", "team_a"))
        ),
    )


def write_provider(folder: Path) -> None:
    money = {"value": float(LARGEST_AMOUNT), "currency": "usd"}
    cost = {"project_id": "proj", "api_key_id": "key_1", "amount": money}
    items = ("gpt-4o, output", "Code interpreter | hours")
    units = ("1000_tokens", "duration_hours")
    costs = [
        cost | {"line_item": item, "quantity": LARGEST_COUNT, "quantity_unit": unit}
        for item, unit in zip(items, units, strict=True)
    ]
    write_results(folder, "openai/costs", {"2026-09-02": costs})
    usage = {
        "model": "gpt-4o",
        "project_id": "proj",
        "api_key_id": "key_1",
        "num_model_requests": LARGEST_COUNT,
        "input_tokens": LARGEST_COUNT,
        "output_tokens": LARGEST_COUNT,
    }
    write_results(folder, "openai/usage/completions", {"2026-09-02": [usage]})
    line = {"amount": str(LARGEST_AMOUNT), "currency": "USD", "description": "x"}
    write_results(folder, "anthropic/cost_report", {"2026-09-02": [line]})
    report = {"model": "claude-sonnet-4-5", "api_key_id": "k"} | dict.fromkeys(
        ("uncached_input_tokens", "cache_read_input_tokens", "output_tokens"), LARGEST_COUNT
    )
    write_results(folder, "anthropic/usage_report", {"2026-09-02": [report]})


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    write_feed(folder)
    write_provider(folder / "provider")
    with ProviderServer(folder / "provider") as server:
        bursar(
            "run",
            home=folder / "home",
            BURSAR_ORG=str(folder / "org"),
            BURSAR_PRICING=str(folder / "org"),
            SOURCES__LITELLM__FILES=str(folder / "logs.jsonl"),
            SOURCES__FOCUS__FILES=str(folder / "focus.csv"),
            SOURCES__OPENAI__BASE_URL=server.openai_url,
            SOURCES__OPENAI__ADMIN_KEY="sk-admin-demo",
            SOURCES__OPENAI__START_DATE="2026-09-02",
            SOURCES__ANTHROPIC__BASE_URL=server.anthropic_url,
            SOURCES__ANTHROPIC__ADMIN_KEY="sk-ant-admin-demo",
            SOURCES__ANTHROPIC__START_DATE="2026-09-02",
        )
    return folder / "home"


def test_nothing_is_refused(home: Path) -> None:
    assert query(link(home), "select * from quarantined_records") == []


def test_every_large_charge_adds_up_over_the_teams(home: Path) -> None:
    billed = (
        "select billing_account_id, cast(sum(billed_cost) as decimal(38, 12)) as billed_cost "
        "from cost_per_team_month where billed_cost is not null group by all order by all"
    )
    found = {row["billing_account_id"]: row["billed_cost"] for row in query(link(home), billed)}
    assert found["bill"] == 7 * MONEY
    assert sum(found.values()) == 7 * MONEY + 2 * LARGEST_AMOUNT + LARGEST_AMOUNT / Decimal(100)


def test_a_large_charge_is_shared_out_exactly(home: Path) -> None:
    shared = (
        "select sum(billed_cost), sum(consumed_quantity) from core.fct_allocated_charges "
        "where sub_account_id = ? having count(distinct team_id) > 1"
    )
    build = home / "warehouse" / "build.duckdb"
    for account in ("even", "fixed", "tiered", "by_tokens"):
        [row] = query(build, shared, account)
        assert list(row.values()) == [MONEY, Decimal(LARGEST_AMOUNT)]


def test_large_counts_reach_the_marts(home: Path) -> None:
    requests = (
        "select sum(total_tokens) from tokens_per_model_day where usage_date = ? "
        "and observed_by = 'gateway'"
    )
    assert value(link(home), requests, date(2026, 9, 2)) == 3 * LARGEST_COUNT


def test_large_fees_are_booked_to_the_cent(home: Path) -> None:
    fees = (
        "select sum(fee_cost) as fee, (select sum(credit_cost) from journal_lines_month "
        "where entry_side = 'recovery') as credited from chargeback_fees_month"
    )
    [row] = query(link(home), fees)
    assert row["fee"] == row["credited"] > 2 * LARGEST_AMOUNT
