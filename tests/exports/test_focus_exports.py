"""FOCUS: the columns are those of the specification, and its own validator passes version 1.2."""

from __future__ import annotations

import re

import pytest

from tests.project.repository import ROOT

VALIDATOR = ROOT / ".venv-focus-validator"
# 57 columns of 1.2; 1.4 has eight of 1.3 and two of its own more, and neither of two names.
FOCUS_1_2 = {
    "AvailabilityZone", "BilledCost", "BillingAccountId", "BillingAccountName",
    "BillingAccountType", "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart",
    "CapacityReservationId", "CapacityReservationStatus", "ChargeCategory", "ChargeClass",
    "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd", "ChargePeriodStart",
    "CommitmentDiscountCategory", "CommitmentDiscountId", "CommitmentDiscountName",
    "CommitmentDiscountQuantity", "CommitmentDiscountStatus", "CommitmentDiscountType",
    "CommitmentDiscountUnit", "ConsumedQuantity", "ConsumedUnit", "ContractedCost",
    "ContractedUnitPrice", "EffectiveCost", "InvoiceId", "InvoiceIssuerName", "ListCost",
    "ListUnitPrice", "PricingCategory", "PricingCurrency", "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyEffectiveCost", "PricingCurrencyListUnitPrice", "PricingQuantity",
    "PricingUnit", "ProviderName", "PublisherName", "RegionId", "RegionName", "ResourceId",
    "ResourceName", "ResourceType", "ServiceCategory", "ServiceName", "ServiceSubcategory",
    "SkuId", "SkuMeter", "SkuPriceDetails", "SkuPriceId", "SubAccountId", "SubAccountName",
    "SubAccountType", "Tags",
}  # fmt: skip
FOCUS_1_4 = FOCUS_1_2 - {"ProviderName", "PublisherName"} | {
    "AllocatedMethodId", "AllocatedMethodDetails", "AllocatedResourceId", "AllocatedResourceName",
    "AllocatedTags", "ContractApplied", "ServiceProviderName", "HostProviderName",
    "InvoiceDetailId", "CommitmentProgramEligibilityDetails",
}  # fmt: skip
BILLING_PERIOD = {
    "BillingPeriodCreated", "BillingPeriodEnd", "BillingPeriodLastUpdated", "BillingPeriodStart",
    "BillingPeriodStatus", "InvoiceIssuerName",
}  # fmt: skip
INVOICE_DETAIL = {
    "BilledCost", "BillingAccountId", "BillingCurrency", "ChargeCategory", "BillingPeriodEnd",
    "BillingPeriodStart", "InvoiceDetailCreated", "InvoiceDetailDescription",
    "InvoiceDetailGrain", "InvoiceDetailId", "InvoiceDetailLastUpdated", "InvoiceId",
    "InvoiceIssueDate", "InvoiceIssueStatus", "InvoiceIssuerName", "PaymentCurrency",
    "PaymentCurrencyBilledCost", "PaymentCurrencyInvoiceDetailId", "PaymentDueDate",
    "PaymentTerms", "PurchaseOrderNumber", "ReferenceInvoiceId",
}  # fmt: skip


@pytest.mark.parametrize(
    ("dataset", "expected", "count"),
    [
        ("focus_1_2", FOCUS_1_2, 57),
        ("focus_1_4", FOCUS_1_4, 65),
        ("focus_1_4_billing_period", BILLING_PERIOD, 6),
        ("focus_1_4_invoice_detail", INVOICE_DETAIL, 22),
    ],
)
def test_columns_are_those_of_the_specification(
    columns: dict[str, dict[str, str]], dataset: str, expected: set[str], count: int
) -> None:
    assert len(expected) == count
    own = columns[dataset].keys() - expected
    assert expected - columns[dataset].keys() == set()
    assert [name for name in own if not re.fullmatch(r"x_[A-Z][A-Za-z]+", name)] == []
