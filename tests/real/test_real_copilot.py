"""Copilot's mock answers, which others wrote: every generation is read, and no figure changes."""

from __future__ import annotations

import gzip
import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.sources import github_copilot
from tests.api_sources import extract

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "copilot"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"{FOLDER} is not at hand")


def document(name: str) -> Any:
    """Return one of the answers, numbers as they are written."""
    return json.loads(gzip.open(FOLDER / f"{name}.json.gz").read(), parse_float=Decimal)


def test_the_bills_amounts_are_kept_to_the_last_digit() -> None:
    path = FOLDER / "billing-credits.json.gz"
    rows = extract(github_copilot, {"files": [str(path)]}).tables["billing_items"]
    items = document("billing-credits")["usageItems"]
    assert len(rows) == len(items) == 110
    for name, field in (("grossAmount", "gross_amount"), ("netAmount", "net_amount")):
        assert [row[field] for row in rows] == [Decimal(one[name]) for one in items]
    assert {row["unit_type"] for row in rows} == {"ai-credits", "requests"}
    assert len({row["user_id"] for row in rows}) == len({one["user"] for one in items})
    # Net is gross less discount, while the price is not always that of the amount.
    assert all(
        abs(row["gross_amount"] - row["discount_amount"] - row["net_amount"]) < Decimal("0.00001")
        for row in rows
    )
    odd = [
        row
        for row in rows
        if abs(row["gross_quantity"] * row["price_per_unit"] - row["gross_amount"]) > Decimal("0.1")
    ]
    assert odd


def test_the_same_person_stands_several_times_in_the_list_of_seats(tmp_path: Path) -> None:
    name = "enterprise_seats_with_duplicates.json.gz"
    shutil.copy(FOLDER / name, tmp_path / f"2021-10-17_{name}")
    rows = extract(github_copilot, {"seat_files": [str(tmp_path)]}).tables["seats"]
    seats = document("enterprise_seats_with_duplicates")["seats"]
    assert len(rows) == len(seats)
    persons = {one["assignee"]["login"] for one in seats}
    assert len({row["user_id"] for row in rows}) == len(persons) < len(rows)


USERS = ("ai_credits_used", "ai_credits_used")
ACTIVE = ("daily_active_users", "active_user_count")


@pytest.mark.parametrize(
    ("name", "generation", "figures"),
    [
        (
            "enterprise_usage_response_sample",
            "usage",
            ("total_suggestions_count", "suggestion_count"),
        ),
        (
            "enterprise_metrics_response_sample",
            "metrics",
            ("total_active_users", "active_user_count"),
        ),
        (
            "organization_metrics_response_sample",
            "metrics",
            ("total_engaged_users", "engaged_user_count"),
        ),
        ("new-api_organization-28-day-report", "report", ACTIVE),
        ("new-api_organization-users-28-day-report", "report", USERS),
        ("new-api_enterprise-users-1-day-report", "report", USERS),
    ],
)
def test_each_generation_of_the_metrics_is_read(
    name: str, generation: str, figures: tuple[str, str]
) -> None:
    path = FOLDER / f"{name}.json.gz"
    rows = extract(github_copilot, {"activity_files": [str(path)]}).tables["activity"]
    answer = document(name)
    days = answer if isinstance(answer, list) else answer.get("day_totals") or answer["user_totals"]
    assert {row["generation"] for row in rows} == {generation}
    theirs, ours = figures
    assert [row[ours] for row in rows] == [one[theirs] for one in days]


def test_nested_counts_are_summed_once() -> None:
    name = "organization_metrics_response_sample"
    path = FOLDER / f"{name}.json.gz"
    rows = extract(github_copilot, {"activity_files": [str(path)]}).tables["activity"]
    expected = [
        sum(
            language["total_code_suggestions"]
            for editor in day["copilot_ide_code_completions"].get("editors", [])
            for model in editor["models"]
            for language in model.get("languages", [])
        )
        for day in document(name)
    ]
    assert [row["suggestion_count"] or 0 for row in rows] == expected
    assert sum(expected) > 0
