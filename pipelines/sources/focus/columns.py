"""The FOCUS columns as the lake holds them, and how a file's header finds them."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pyarrow as pa

TEXT = [
    "AvailabilityZone", "BillingAccountId", "BillingAccountName", "BillingAccountType",
    "BillingCurrency", "CapacityReservationId", "CapacityReservationStatus", "ChargeCategory",
    "ChargeClass", "ChargeDescription", "ChargeFrequency", "CommitmentDiscountCategory",
    "CommitmentDiscountId", "CommitmentDiscountName", "CommitmentDiscountStatus",
    "CommitmentDiscountType", "CommitmentDiscountUnit", "ConsumedUnit", "InvoiceId",
    "InvoiceIssuerName", "PricingCategory", "PricingCurrency", "PricingUnit", "ProviderName",
    "PublisherName", "RegionId", "RegionName", "ResourceId", "ResourceName", "ResourceType",
    "ServiceCategory", "ServiceName", "ServiceSubcategory", "SkuId", "SkuMeter", "SkuPriceId",
    "SubAccountId", "SubAccountName", "SubAccountType",
]  # fmt: skip
TIMES = ["BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd"]
# A billing month is one of the provider's own calendar: its bounds stay as the file states them.
LOCAL_TIMES = ["BillingPeriodStart", "BillingPeriodEnd"]
JSON_OBJECTS = ["SkuPriceDetails", "Tags"]
NUMBERS = [
    "BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "ListUnitPrice",
    "ContractedUnitPrice", "ConsumedQuantity", "PricingQuantity", "CommitmentDiscountQuantity",
    "PricingCurrencyContractedUnitPrice", "PricingCurrencyEffectiveCost",
    "PricingCurrencyListUnitPrice",
]  # fmt: skip
# FOCUS 1.3 renamed the provider and 1.4 took the old names out; both are kept, staging takes the
# one that is there.
LATER = ["ServiceProviderName", "HostProviderName"]
# What columns were called before 1.0: exports of a preview are still about.
FORMER = {"ConsumedQuantity": "UsageQuantity", "ConsumedUnit": "UsageUnit", "RegionId": "Region"}

FOCUS_COLUMNS = sorted([*TEXT, *TIMES, *JSON_OBJECTS, *NUMBERS])
ALL_COLUMNS = [*FOCUS_COLUMNS, *LATER]

# Without these a row says neither how much, nor in what money, nor when, nor what for.
MANDATORY = ["BilledCost", "EffectiveCost", "BillingCurrency", "ChargeCategory", *TIMES]

# The lowest version that knows every column of the file. What the lake has no column for, as the
# allocation of 1.3, stays readable in `x_columns`.
INTRODUCED = {
    "1.4": ["InvoiceDetailId", "CommitmentProgramEligibilityDetails"],
    "1.3": [
        *LATER, "AllocatedMethodId", "AllocatedMethodDetails", "AllocatedResourceId",
        "AllocatedResourceName", "AllocatedTags", "ContractApplied",
    ],
    "1.2": [
        "BillingAccountType", "SubAccountType", "InvoiceId", "PricingCurrency",
        "PricingCurrencyContractedUnitPrice", "PricingCurrencyEffectiveCost",
        "PricingCurrencyListUnitPrice",
    ],
    "1.1": [
        "CapacityReservationId", "CapacityReservationStatus", "CommitmentDiscountQuantity",
        "CommitmentDiscountUnit", "ServiceSubcategory", "SkuMeter", "SkuPriceDetails",
    ],
}  # fmt: skip


def snake_case(name: str) -> str:
    """Return the lake's name of a FOCUS column."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def lake_type(name: str) -> pa.DataType:
    """Return the Arrow type of a FOCUS column."""
    if name in NUMBERS:
        return pa.decimal128(38, 12)
    return pa.timestamp("us") if name in TIMES else pa.string()


CHARGES = pa.schema(
    [
        *[(snake_case(name), lake_type(name)) for name in ALL_COLUMNS],
        ("focus_version", pa.string()),
        ("x_columns", pa.string()),
    ]
)


@dataclass(frozen=True)
class Header:
    """Where a file keeps its columns; positions count from 1."""

    width: int
    positions: dict[str, int]
    other_names: list[str]
    other_positions: list[int]
    focus_version: str

    @property
    def missing(self) -> list[str]:
        """The columns without which the file is not FOCUS to us."""
        return [name for name in MANDATORY if name not in self.positions]


def _plain(name: str) -> str:
    return name.strip().lower().replace("_", "")


def read_header(names: list[str]) -> Header:
    """Find the FOCUS columns in a header, whatever their case; the exact spelling wins."""
    names = [name.strip() for name in names]
    by_plain: dict[str, int] = {}
    for position, name in enumerate(names, start=1):
        if not name.lower().startswith("x_"):
            by_plain.setdefault(_plain(name), position)
    exact = {name: position for position, name in reversed(list(enumerate(names, start=1)))}
    found = {
        name: exact.get(name)
        or by_plain.get(_plain(name))
        or by_plain.get(_plain(FORMER.get(name, name)))
        for name in ALL_COLUMNS
    }
    positions = {name: position for name, position in found.items() if position}
    others = [number for number in range(1, len(names) + 1) if number not in positions.values()]
    version = next(
        (
            version
            for version, columns in INTRODUCED.items()
            if any(_plain(column) in by_plain for column in columns)
        ),
        "1.0",
    )
    return Header(len(names), positions, _unique(names, others), others, version)


def _unique(names: list[str], positions: list[int]) -> list[str]:
    """Return the names at the positions, a second one of the same name told apart by its place."""
    chosen = [names[position - 1] or f"column_{position}" for position in positions]
    return [
        name if name not in chosen[:number] else f"{name}_{positions[number]}"
        for number, name in enumerate(chosen)
    ]
