"""The official validator passes our FOCUS 1.2, but for what is known of its rules."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.system.focus_validator import ENVIRONMENT, validate
from tests.system.world import link

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not ENVIRONMENT.exists(), reason="`make test-slow` makes its environment"),
]
# Some of every kind of row: a million rows take it minutes and gigabytes.
ROWS_OF_A_KIND = 40
SAMPLE = f"""
    select * exclude (place) from (
        select *, row_number() over (
            partition by ProviderName, ChargeCategory, ChargeClass, PricingUnit, PricingCategory,
                SkuPriceId is null, x_AllocationMethod
            order by x_AllocatedChargeId
        ) as place
        from published.focus_1_2
    ) where place <= {ROWS_OF_A_KIND}
"""
# Of purchases that cover later use it says so; its check has no such condition and takes them all.
EVERY_PURCHASE = "EffectiveCost-C-005-C"
# "Null where there is no invoice", and the contrary: each without its condition. One has to fail.
WITHOUT_INVOICE, WITH_INVOICE = "InvoiceId-C-005-C", "InvoiceId-C-004-C"


def write_sample(publication: Path, path: Path, where: str, change: str = "") -> int:
    """Write rows of every kind; return how many."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{publication}' as published (read_only)")
        connection.execute(f"create table sample as {SAMPLE}")
        connection.execute(f"delete from sample where not ({where})")
        if change:
            connection.execute(f"update sample set {change}")
        connection.execute(f"copy sample to '{path}' (format parquet)")
        return connection.execute("select count(*) from sample").fetchone()[0]


@pytest.mark.parametrize(
    ("where", "known"),
    [
        ("InvoiceId is not null", {WITH_INVOICE, EVERY_PURCHASE}),
        ("InvoiceId is null", {WITHOUT_INVOICE, EVERY_PURCHASE}),
    ],
    ids=["invoiced", "not invoiced"],
)
def test_every_kind_of_row_passes(world: Path, tmp_path: Path, where: str, known: set[str]) -> None:
    path = tmp_path / "sample.parquet"
    assert write_sample(link(world).resolve(), path, where) > 20
    verdict = validate(path)
    assert verdict.failed - known == set()
    assert verdict.passed > 250, "it skipped what it should have looked at"


def test_the_validator_would_find_a_fault(world: Path, tmp_path: Path) -> None:
    path = tmp_path / "faulty.parquet"
    write_sample(
        link(world).resolve(), path, "InvoiceId is null",
        "BillingCurrency = 'US$', PricingUnit = '1M Tokens' where PricingUnit is not null",
    )  # fmt: skip
    failed = validate(path).failed
    assert any(rule.startswith("BillingCurrency-") for rule in failed)
    assert any(rule.startswith("PricingUnit-") for rule in failed)
