"""FOCUS files of 1.0 to 1.4: old and new names of columns, what is unknown, other datasets."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.sources.focus.columns import (
    ALL_COLUMNS,
    INTRODUCED,
    JSON_OBJECTS,
    NUMBERS,
    snake_case,
)
from tests.source_home import SourceHome

HEADER = (
    "BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,BillingPeriodStart,BillingPeriodEnd,"
    "ChargePeriodStart,ChargePeriodEnd,ProviderName,BillingAccountId"
)
# The header of a generated 1.4 sample, in its own order; the vendors' own exports may lack any.
HEADER_1_4 = [
    "AllocatedMethodId", "AllocatedResourceId", "AllocatedResourceName", "AllocatedTags",
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingAccountType",
    "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart", "CapacityReservationId",
    "CapacityReservationStatus", "ChargeCategory", "ChargeClass", "ChargeDescription",
    "ChargePeriodEnd", "ChargePeriodStart", "CommitmentDiscountCategory", "CommitmentDiscountId",
    "CommitmentDiscountName", "CommitmentDiscountQuantity", "CommitmentDiscountStatus",
    "CommitmentDiscountType", "CommitmentDiscountUnit", "ConsumedQuantity", "ConsumedUnit",
    "ContractApplied", "ContractedCost", "ContractedUnitPrice", "EffectiveCost",
    "HostProviderName", "InvoiceId", "InvoiceIssuerName", "ListCost", "ListUnitPrice",
    "PricingCategory", "PricingCurrency", "PricingQuantity", "PricingUnit", "ProviderName",
    "PublisherName", "RegionId", "RegionName", "ResourceId", "ResourceName", "ResourceType",
    "ServiceCategory", "ServiceName", "ServiceProviderName", "SkuId", "SkuMeter",
    "SkuPriceDetails", "SkuPriceId", "SubAccountId", "SubAccountName", "SubAccountType", "Tags",
    "AllocatedMethodDetails", "AvailabilityZone", "ChargeFrequency", "ServiceSubcategory",
    "PricingCurrencyContractedUnitPrice", "PricingCurrencyEffectiveCost",
    "PricingCurrencyListUnitPrice", "CommitmentProgramEligibilityDetails", "InvoiceDetailId",
]  # fmt: skip
OLD = {"ProviderName", "PublisherName"}


@pytest.fixture
def home(tmp_path: Path) -> SourceHome:
    return SourceHome(tmp_path / "home", "focus", "charges")


def line(cost: str) -> str:
    return f"{cost},{cost},USD,Usage,2025-04-01,2025-04-28,2025-04-01,2025-04-02,OpenAI,a1"


def write(path: Path, *lines: str, header: str = HEADER) -> Path:
    path.write_text("\n".join([header, *lines]) + "\n")
    return path


def of_version(version: str) -> list[str]:
    """Return the columns that a file of a version has."""
    later = {
        column
        for introduced, columns in INTRODUCED.items()
        if introduced > version
        for column in columns
    }
    gone = OLD if version == "1.4" else set()
    return [name for name in HEADER_1_4 if name not in later | gone]


@pytest.mark.parametrize(
    ("version", "columns"), [("1.0", 43), ("1.1", 50), ("1.2", 57), ("1.3", 65), ("1.4", 65)]
)
def test_a_file_of_every_version_loads_with_all_that_is_known(
    home: SourceHome, tmp_path: Path, version: str, columns: int
) -> None:
    names = of_version(version)
    assert len(names) == columns
    stated = {
        "BilledCost": "1.5", "EffectiveCost": "1.25", "BillingCurrency": "EUR",
        "ChargeCategory": "Usage", "BillingPeriodStart": "2026-10-01T00:00:00Z",
        "BillingPeriodEnd": "2026-11-01T00:00:00Z", "ChargePeriodStart": "2026-10-02T00:00:00Z",
        "ChargePeriodEnd": "2026-10-03T00:00:00Z", "ProviderName": "Cloudy",
        "ServiceProviderName": "Cloudy", "AllocatedMethodId": "m1", "InvoiceDetailId": "d1",
        "AllocatedTags": '"{""team"": ""search""}"',
    }  # fmt: skip
    numbers = {name: "7" for name in NUMBERS}
    objects = {name: '"{""k"": ""v""}"' for name in JSON_OBJECTS}
    row = [(numbers | objects | stated).get(name, f"{name}!") for name in [*names, "x_Own"]]
    path = write(tmp_path / "a.csv", ",".join(row), header=",".join([*names, "x_Own"]))
    report = home.load(path)
    assert (report.faults, report.records_loaded, report.records_quarantined) == ([], 1, 0)
    kept = [name for name in names if name in ALL_COLUMNS]
    columns_sql = ", ".join(f"{snake_case(name)} is not null" for name in kept)
    assert set(home.rows(columns_sql)[0]) == {True}
    found = home.rows(
        "focus_version, billed_cost, coalesce(service_provider_name, provider_name), x_columns",
    )
    ((found_version, cost, provider, others),) = found
    assert (found_version, cost, provider) == (version, Decimal("1.5"), "Cloudy")
    expected = {name for name in names if name not in ALL_COLUMNS} | {"x_Own"}
    assert set(json.loads(others)) == expected


def test_names_of_the_preview_are_read(home: SourceHome, tmp_path: Path) -> None:
    header = f"{HEADER},UsageQuantity,UsageUnit,Region"
    home.load(write(tmp_path / "a.csv", line("1") + ",4,Tokens,eu-west-1", header=header))
    assert home.rows("consumed_quantity, consumed_unit, region_id, x_columns") == [
        (4, "Tokens", "eu-west-1", None)
    ]


def test_a_dataset_that_holds_no_charges_is_named_and_the_rest_loads(
    home: SourceHome, tmp_path: Path
) -> None:
    commitments = write(
        tmp_path / "b.csv", "c1,2026-01-01", header="ContractCommitmentId,ContractPeriodStart"
    )
    report = home.load(write(tmp_path / "a.csv", line("1")), commitments)
    assert report.records_loaded == 1
    [fault] = report.faults
    assert "no cost and usage file of FOCUS 1.0 to 1.4" in fault


def test_a_period_that_comes_again_in_a_newer_version_replaces_the_older(
    home: SourceHome, tmp_path: Path
) -> None:
    """1.3 has both names of the provider, and they differ for what is sold for others."""
    old = write(tmp_path / "a.csv", line("5"))
    newer = write(
        tmp_path / "b.csv", line("6") + ",Anthropic", header=f"{HEADER},ServiceProviderName"
    )
    os.utime(old, (1_700_000_000, 1_700_000_000))
    home.load(old, restated_by="billing_period")
    home.load(old, newer, restated_by="billing_period")
    units = {unit for (unit,) in home.rows("load_unit_id")}
    assert units == {"billing_period:OpenAI|a1|2025-04-01"}
