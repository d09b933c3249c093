"""A closed month's rows of every published table are frozen; those that are not are listed here."""

from __future__ import annotations

from typing import Any

from pipelines.ledger.frozen import AS_OF, SAY_THAT_IT_IS_CLOSED, month_column

FORECAST = "of days to come: no month of it is over"
LOADS = "of what was loaded when, whatever month it is about"
STATE = "the state as of a day, told anew each day"
SO_FAR = "of all that was seen so far: one row spans months"
SAYS_IT = "says that the month is closed, so it changes by the close"
NOT_FROZEN = {
    "accrual_day": STATE,
    "accrual_journal_lines_month": STATE,
    "budget_status_period": STATE,
    "budget_threshold_period": STATE,
    "cost_forecast_day": FORECAST,
    "forecast_backtest": FORECAST,
    "egress_accounts": LOADS,
    "load_unit_accounts": LOADS,
    "quarantined_records": LOADS,
    "source_completeness_age": LOADS,
    "source_freshness": LOADS,
    "team_accruals_month": STATE,
    "ai_service_inventory": SO_FAR,
    "shadow_evidence": SO_FAR,
    "shadow_findings": SO_FAR,
    "billing_period_status": SAYS_IT,
    "focus_1_4_billing_period": SAYS_IT,
    "focus_1_4_invoice_detail": SAYS_IT,
}


def published(models: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """Return the columns and types of what is published, dimensions apart."""
    found = {
        model["name"]: {name: column["data_type"] for name, column in model["columns"].items()}
        for model in models
        if model["path"].split("/")[0] in ("marts", "exports")
    }
    assert len(found) > 30
    return found


def test_every_published_table_is_frozen_by_month_or_says_why_not(
    models: list[dict[str, Any]],
) -> None:
    tables = published(models)
    unfrozen = {name for name, columns in tables.items() if not month_column(name, columns)}
    assert sorted(unfrozen - NOT_FROZEN.keys()) == [], "it has no month: name one, or say why"
    assert sorted(NOT_FROZEN.keys() - unfrozen) == [], "take out what no longer holds"
    assert tables.keys() >= SAY_THAT_IT_IS_CLOSED


def test_the_reasons_are_those_of_the_code(models: list[dict[str, Any]]) -> None:
    tables = published(models)
    reasons = {reason: {name for name in NOT_FROZEN if NOT_FROZEN[name] == reason} for reason in
               (STATE, SAYS_IT)}  # fmt: skip
    assert reasons[SAYS_IT] == SAY_THAT_IT_IS_CLOSED
    assert reasons[STATE] == {name for name, columns in tables.items() if AS_OF in columns}


def test_the_month_is_a_date_and_dimensions_have_none(models: list[dict[str, Any]]) -> None:
    types = {
        name: columns[column]
        for name, columns in published(models).items()
        if (column := month_column(name, columns))
    }
    assert {name for name, kind in types.items() if kind != "date"} == set()
    dimensions = [model for model in models if model["name"].startswith("dim_")]
    assert len(dimensions) > 5
    assert [model["name"] for model in dimensions
            if month_column(model["name"], model["columns"])] == []  # fmt: skip
