"""A bill, a gateway's logs and registers: each cause is found with its amount, on both bases."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from notebooks.lib.evidence import CAUSES
from tests.litellm_logs import spend_log, write_logs
from tests.system.world import bursar, link, query

pytestmark = pytest.mark.slow

MILLION = 1_000_000
ORG = {
    # A dollar is half a euro.
    "fx_rates.csv": "rate_month,from_currency,to_currency,rate,rate_date,rate_source\n"
    "2026-08-01,USD,EUR,0.5,,test\n",
    "reconciliation_signoffs.csv": "billing_month,service_provider_name,billing_account_id,"
    "billing_currency,ai_model_id,token_class,service_tier,unexplained_cost,"
    "effective_unexplained_cost,signed_off_by,signed_off_on,reason\n"
    "2026-09-01,OpenAI,acme,EUR,openai/gpt-4o-mini,,,7,,Ada,2026-10-02,a partner's calls\n"
    "2026-09-01,OpenAI,acme,EUR,openai/gpt-4.1,,,7,,Ada,2026-10-02,a guess\n",
    "overrides.csv": "service_provider_name,model_name,token_class,service_tier,context_tier,"
    "unit_price_per_million,currency,valid_from,valid_to,reason,source_url\n"
    + "".join(
        f"OpenAI,gpt-4o,{token_class},{tier},,{price},USD,2026-01-01,,test,\n"
        for token_class, tier, price in (
            ("input_uncached", "standard", 10),
            ("cache_read", "standard", 1),
            ("output", "standard", 20),
            ("output", "batch", 10),
        )
    ),
}
COVERED = {"CommitmentDiscountId": "capacity", "CommitmentDiscountUnit": "Hours"}


def charge(day: date, billed: str, **columns: Any) -> dict[str, Any]:
    """Return a FOCUS charge of a million output tokens of a day, on September's bill."""
    details = {"model": "gpt-4o", "token_class": "output", "tier": "standard"}
    details |= {name: columns.pop(name) for name in list(columns) if name in details}
    return {
        "BilledCost": billed,
        "EffectiveCost": billed,
        "BillingCurrency": "EUR",
        "ChargeCategory": "Usage",
        "BillingPeriodStart": "2026-09-01",
        "BillingPeriodEnd": "2026-10-01",
        "ChargePeriodStart": day.isoformat(),
        "ChargePeriodEnd": date.fromordinal(day.toordinal() + 1).isoformat(),
        "ServiceProviderName": "OpenAI",
        "ServiceName": "API",
        "BillingAccountId": "acme",
        "ConsumedQuantity": MILLION,
        "ConsumedUnit": "Tokens",
        "SkuPriceDetails": f'{{"x_ModelName": "{details["model"]}", '
        f'"x_TokenClass": "{details["token_class"]}", "x_ServiceTier": "{details["tier"]}"}}',
        **columns,
    }


def without_tokens(day: date, billed: str, **columns: Any) -> dict[str, Any]:
    """Return a charge that counts no tokens."""
    none = {"ConsumedQuantity": None, "ConsumedUnit": None, "SkuPriceDetails": None}
    return charge(day, billed, **none, **columns)


def september(day: int) -> date:
    return date(2026, 9, day)


PLAIN = charge(september(2), "10")
BILL = [
    PLAIN,
    charge(september(3), "10"),
    charge(september(4), "5", tier="batch"),
    charge(september(5), "5", token_class="input_uncached"),
    charge(september(5), "0.5", token_class="cache_read"),
    charge(september(6), "12"),
    charge(september(8), "11", PricingCurrency="USD", PricingCurrencyEffectiveCost="20"),
    charge(september(9), "9", ContractedCost="10"),
    charge(
        september(10), "0", EffectiveCost="8", ContractedCost="10", **COVERED,
        CommitmentDiscountStatus="Used", CommitmentDiscountQuantity="60",
    ),
    without_tokens(
        september(10), "0", EffectiveCost="20", **COVERED,
        CommitmentDiscountStatus="Unused", CommitmentDiscountQuantity="40",
    ),
    without_tokens(
        september(1), "100", EffectiveCost="0", ChargeCategory="Purchase", **COVERED,
        CommitmentDiscountQuantity="100",
    ),
    without_tokens(september(1), "5", ChargeCategory="Tax"),
    charge(date(2026, 8, 31), "10"),
    charge(september(11), "7", model="gpt-4o-mini"),
    charge(september(11), "3", model="gpt-4.1"),
    without_tokens(
        date(2026, 8, 1), "1", ChargeCategory="Tax",
        BillingPeriodStart="2026-08-01", BillingPeriodEnd="2026-09-01",
    ),
]  # fmt: skip
# Of a day: calls of a million tokens each, as the gateway logs them.
CALLS = [
    *((september(day), "success", 0, MILLION) for day in (2, 3, 4, 6, 8, 9, 10)),
    (september(3), "failure", 0, MILLION),
    (september(5), "success", 2 * MILLION, 0),
    (date(2026, 8, 31), "success", 0, MILLION),
]
EXPECTED = {
    "metered": (90, 90),
    "bypassed_gateway": (0, 0),
    # A million tokens at 10, served at 5.
    "served_tier": (-5, -5),
    "price_book": (2, 2),
    # A million tokens at 5, read from the cache at 0.5.
    "cache_semantics": ("-4.5", "-4.5"),
    "duplicate": (10, 10),
    "failed_or_retried": (-10, -10),
    "non_token": (100, 20),
    "time_boundary": (10, 10),
    "discount_credit_tax": (-6, 2),
    "fx": (1, 1),
    "unexplained": (10, 10),
}


def write_bill(path: Path, rows: list[dict[str, Any]]) -> None:
    names = list(dict.fromkeys(name for row in BILL for name in row))
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def publication(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reconciled")
    for name, text in ORG.items():
        (folder / "org").mkdir(exist_ok=True)
        (folder / "org" / name).write_text(text)
    (folder / "bills").mkdir()
    write_bill(folder / "bills" / "september.csv", BILL)
    write_bill(folder / "bills" / "september_again.csv", [PLAIN])
    write_logs(
        folder / "logs.jsonl",
        *(
            spend_log(
                f"call_{number}", startTime=f"{day} 10:00:00", endTime=f"{day} 10:00:05",
                model="gpt-4o", status=status, prompt_tokens=prompt, completion_tokens=completion,
                total_tokens=prompt + completion,
            )
            for number, (day, status, prompt, completion) in enumerate(CALLS)
        ),
    )  # fmt: skip
    bursar(
        "run",
        home=folder / "home",
        BURSAR_ORG=str(folder / "org"),
        BURSAR_PRICING=str(folder / "org"),
        SOURCES__LITELLM__FILES=str(folder / "logs.jsonl"),
        SOURCES__FOCUS__FILES=str(folder / "bills" / "*.csv"),
    )
    return link(folder / "home")


def causes_of(publication: Path, month: str) -> dict[str, tuple[Decimal, Decimal]]:
    """Return the sum of each cause of a month, of the billed and of the effective cost."""
    names = [cause.removesuffix("_cost") for cause in CAUSES]
    columns = query(publication, "select column_name from (describe invoice_reconciliation_month)")
    effective = {row["column_name"] for row in columns if row["column_name"].startswith("effect")}
    sums = ", ".join(
        f"sum({name}_cost) as {name}, "
        f"sum({'effective_' if f'effective_{name}_cost' in effective else ''}{name}_cost) as "
        f"effective_{name}"
        for name in names
    )
    [row] = query(
        publication,
        f"select {sums} from invoice_reconciliation_month where billing_month = ?::date "
        "and billing_currency = 'EUR'",
        month,
    )
    return {name: (row[name], row[f"effective_{name}"]) for name in names}


def test_every_cause_is_found_with_its_amount(publication: Path) -> None:
    expected = {name: tuple(map(Decimal, amounts)) for name, amounts in EXPECTED.items()}
    assert causes_of(publication, "2026-09-01") == expected


def test_usage_billed_in_the_next_month_is_taken_off_its_own(publication: Path) -> None:
    found = causes_of(publication, "2026-08-01")
    assert {name: amounts for name, amounts in found.items() if any(amounts)} == {
        "metered": (10, 10),
        "time_boundary": (-10, -10),
        "discount_credit_tax": (1, 1),
    }


def test_a_sign_off_holds_for_the_amount_that_it_names(publication: Path) -> None:
    rows = query(
        publication,
        "select ai_model_id, reconciliation_status, signed_off_by, has_lapsed_sign_off "
        "from invoice_reconciliation_month where billing_month = '2026-09-01' "
        "and reconciliation_status <> 'explained' or has_lapsed_sign_off",
    )
    assert {tuple(row.values()) for row in rows} == {
        ("openai/gpt-4o-mini", "signed_off", "Ada", False),
        ("openai/gpt-4.1", "open", "Ada", True),
    }


def test_the_evidence_of_a_cause_leads_to_the_day_and_the_file(publication: Path) -> None:
    rows = query(
        publication,
        "select evidence_date, first_load_unit_id, evidence_tokens, evidence_cost "
        "from reconciliation_evidence_month where cause = 'failed_or_retried'",
    )
    [failed] = rows
    assert failed["evidence_date"] == september(3)
    assert failed["first_load_unit_id"].endswith("logs.jsonl")
    assert (failed["evidence_tokens"], failed["evidence_cost"]) == (-MILLION, -10)


def test_the_commitment_tells_its_use(publication: Path) -> None:
    [row] = query(publication, "select * from commitment_utilisation_month")
    assert (row["commitment_id"], row["told_by"]) == ("capacity", "billed")
    assert (row["bought_quantity"], row["used_quantity"], row["unused_quantity"]) == (100, 60, 40)
    assert (row["bought_cost"], row["used_cost"], row["unused_cost"]) == (100, 8, 20)
    assert row["on_demand_cost"] == 10
    assert row["saved_cost"] == -18
    assert row["utilisation_ratio"] == pytest.approx(0.6)
    assert row["break_even_ratio"] == pytest.approx(0.6 * 28 / 10)
