"""Real and official FOCUS bills: each file's BilledCost is in the lake and marts to the digit."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.config import Settings, load_settings
from pipelines.load import LoadReport, load_sources
from pipelines.run import run_all

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
SAMPLE = DATA / "focus_samples" / "focus_1_0_sample_1000.csv.gz"
VALIDATOR = DATA / "focus_validator" / "focus_pass.csv"
EXAMPLES = DATA / "focus_spec" / "examples_v1.2"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data at {DATA}")

Totals = dict[tuple[str, ...], Decimal]


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return a file's rows as csv reads them, with nothing of the code under test."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def money(text: str) -> Decimal:
    """Return an amount as the ledger keeps it: 12 decimals, half up (float leftovers have more)."""
    amount = Decimal(text.strip().replace("$", "").replace(",", ""))
    return amount.quantize(Decimal("1e-12"), ROUND_HALF_UP)


def month(text: str) -> str:
    if "/" in text:
        month_number, _, year = text.split("/")
        return f"20{year}-{int(month_number):02d}-01"
    return f"{text[:7]}-01"


def is_bill(path: Path) -> bool:
    """Tell bills from worked examples without a currency: excerpts that say no amount of money."""
    return "BillingCurrency" in read_rows(path)[0]


def all_files() -> list[Path]:
    return [SAMPLE, VALIDATOR, *sorted(EXAMPLES.rglob("*.csv"))]


def expected_totals() -> Totals:
    """Sum BilledCost per provider, account, month and currency over the files that are bills."""
    totals: Totals = Counter()
    for path in filter(is_bill, all_files()):
        for row in read_rows(path):
            key = (
                row["ProviderName"], row["BillingAccountId"], month(row["BillingPeriodStart"]),
                row["BillingCurrency"],
            )  # fmt: skip
            totals[key] += money(row["BilledCost"])
    return dict(totals)


@dataclass
class Loaded:
    settings: Settings
    report: LoadReport


def settings_of(folder: Path) -> Settings:
    organisation = folder / "org"
    organisation.mkdir()
    return load_settings(
        folder / "home",
        {
            "sources.focus.files": [str(path) for path in all_files()],
            "bursar.org": str(organisation),
            "bursar.pricing": str(organisation),
        },
    )


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    settings = settings_of(tmp_path_factory.mktemp("focus"))
    return Loaded(settings, load_sources(settings, ["focus"], lambda *_: None)[0])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    settings = settings_of(tmp_path_factory.mktemp("focus_run"))
    run_all(settings, lambda *_: None)
    with duckdb.connect(str(settings.build_path), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


def lake(loaded: Loaded, query: str) -> list[tuple]:
    path = f"{loaded.settings.home}/lake/raw_focus/charges/*/*.parquet"
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        return connection.sql(
            query.format(charges="read_parquet($path)"), params={"path": path}
        ).fetchall()


def test_every_row_of_every_bill_is_loaded(loaded):
    bills = list(filter(is_bill, all_files()))
    rows = sum(len(read_rows(path)) for path in bills)
    assert (len(bills), rows) == (17, 1256)
    assert loaded.report.records_read == rows
    assert loaded.report.records_loaded == rows
    assert loaded.report.records_quarantined == 0


def test_only_excerpts_without_a_currency_are_refused_by_name(loaded):
    refused = [path for path in all_files() if not is_bill(path)]
    assert len(refused) == 11
    for path in refused:
        [fault] = [fault for fault in loaded.report.faults if fault.startswith(f"{path} ")]
        assert "it lacks BillingCurrency," in fault
    assert len(loaded.report.faults) == len(refused)


def test_each_file_sums_to_the_same_billed_and_effective_cost_in_the_lake(loaded):
    found = {
        unit: (billed, effective)
        for unit, billed, effective in lake(
            loaded,
            "select load_unit_id, sum(billed_cost), sum(effective_cost) "
            "from {charges} group by all",
        )
    }
    for path in filter(is_bill, all_files()):
        rows = read_rows(path)
        expected = tuple(
            sum((money(row[name]) for row in rows), Decimal(0))
            for name in ("BilledCost", "EffectiveCost")
        )
        assert found[f"file:{path}"] == expected, path.name


def test_every_single_value_of_the_real_sample_is_in_the_lake(loaded):
    """Row by row, so that two errors that cancel out are seen."""
    found = lake(
        loaded,
        "select billed_cost, list_unit_price, resource_id, "
        "strftime(charge_period_start, '%Y-%m-%d %H:%M:%S') "
        "from {charges} where load_unit_id like '%sample_1000%' order by source_line",
    )
    expected = [
        (
            Decimal(row["BilledCost"]),
            Decimal(row["ListUnitPrice"]) if row["ListUnitPrice"] not in ("", "NULL") else None,
            row["ResourceId"] if row["ResourceId"] not in ("", "NULL") else None,
            row["ChargePeriodStart"],
        )
        for row in read_rows(SAMPLE)
    ]
    assert found == expected


@pytest.mark.parametrize(
    ("relation", "month_sql"),
    [
        ("staging.stg_focus__charges", "strftime(billing_period_start, '%Y-%m-01')"),
        ("core.fct_charges", "strftime(billing_month, '%Y-%m-%d')"),
        ("core.fct_allocated_charges", "strftime(billing_month, '%Y-%m-%d')"),
        ("marts.cost_per_team_month", "strftime(billing_month, '%Y-%m-%d')"),
    ],
)
def test_every_invoice_total_arrives_to_the_last_digit(built, relation, month_sql):
    rows = built.execute(
        f"""
        select
            service_provider_name, billing_account_id, {month_sql}, billing_currency,
            sum(billed_cost)
        from {relation}
        group by all
        having sum(billed_cost) is not null
        """
    ).fetchall()
    assert {tuple(row[:4]): row[4] for row in rows} == expected_totals()
