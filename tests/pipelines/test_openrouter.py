"""OpenRouter's activity: a window of thirty completed days, a bill and usage at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.config import SettingsError, SourceSettings
from pipelines.sources import openrouter
from tests.api_sources import NOW, ROOT, Extraction, extract
from tests.small_api import Call, SmallApi

TODAY = NOW.date()
SCHEMAS = ROOT.parent / "shared/data/openrouter/activity_generation_schemas.json"


def row(day: date, **changes: Any) -> dict[str, Any]:
    """Return an activity row in OpenRouter's shape."""
    return {
        "date": day.isoformat(), "model": "openai/gpt-4.1",
        "model_permaslug": "openai/gpt-4.1-2025-04-14", "endpoint_id": "e-1",
        "provider_name": "OpenAI", "usage": 0.015, "byok_usage_inference": 0.012, "requests": 5,
        "prompt_tokens": 50, "completion_tokens": 125, "reasoning_tokens": 25,
        "workspace_id": "w-1", **changes,
    }  # fmt: skip


class OpenRouter:
    """Rows by day, answered as the API does."""

    def __init__(self) -> None:
        self.days: dict[str, list[dict[str, Any]]] = {}
        self.now = NOW

    def answer(self, call: Call) -> Any:
        """Answer a day of the window, and refuse any other."""
        if call.path != "/activity":
            return 404
        oldest, day = (self.now.date() - timedelta(30)).isoformat(), call.query["date"]
        if not oldest <= day < self.now.date().isoformat():
            return 400
        return {"data": self.days.get(day, [])}


@pytest.fixture
def provider() -> OpenRouter:
    return OpenRouter()


@pytest.fixture
def api(provider: OpenRouter) -> Iterator[SmallApi]:
    with SmallApi(provider.answer, key="Bearer sk-or-management") as served:
        yield served


def load(api: SmallApi, known: Any = None, now: datetime = NOW, **settings: Any) -> Extraction:
    own = {
        "base_url": api.url,
        "admin_key": "sk-or-management",
        "organization_id": "acme",
        "start_date": "",
        "request_attempts": 3,
    }
    return extract(openrouter, own | settings, known=known, now=now)


def test_the_last_thirty_completed_days_are_asked_for_and_no_other(api: SmallApi) -> None:
    found = load(api)
    days = [call.query["date"] for call in api.calls]
    assert days == [(TODAY - timedelta(number)).isoformat() for number in range(30, 0, -1)]
    assert {call.query["group_by"] for call in api.calls} == {"workspace"}
    assert found.faults == []
    assert {unit["is_complete"] for unit in found.tables["load_units"]} == {True}
    assert {unit["records_read"] for unit in found.tables["load_units"]} == {0}


def test_a_row_is_kept_with_its_money_and_its_account(api: SmallApi, provider: OpenRouter) -> None:
    yesterday = TODAY - timedelta(1)
    provider.days[str(yesterday)] = [row(yesterday), row(yesterday, endpoint_id="e-2", usage=1e-7)]
    first, second = load(api).tables["activity"]
    assert first == {
        "load_unit_id": f"activity:{yesterday}T00:00:00Z", "source_line": 1,
        "organization_id": "acme", "usage_date": datetime.fromisoformat("2026-09-03"),
        "model": "openai/gpt-4.1",
        "model_permaslug": "openai/gpt-4.1-2025-04-14", "endpoint_id": "e-1",
        "provider_name": "OpenAI", "workspace_id": "w-1", "usage": Decimal("0.015"),
        "byok_usage_inference": Decimal("0.012"), "requests": 5, "prompt_tokens": 50,
        "completion_tokens": 125, "reasoning_tokens": 25,
    }  # fmt: skip
    assert second["usage"] == Decimal("0.0000001")


def test_native_counts_beside_the_normalised_ones_change_nothing(
    api: SmallApi, provider: OpenRouter
) -> None:
    """A call is counted twice, by a common tokenizer and by the model's own: never added up."""
    yesterday = TODAY - timedelta(1)
    native = {"native_tokens_prompt": 70, "native_tokens_completion": 140}
    provider.days[str(yesterday)] = [row(yesterday, **native)]
    [kept] = load(api).tables["activity"]
    assert (kept["prompt_tokens"], kept["completion_tokens"]) == (50, 125)
    assert not [name for name in kept if "native" in name]


def test_a_later_load_asks_for_new_days_and_those_that_may_be_restated(
    api: SmallApi, provider: OpenRouter
) -> None:
    yesterday = TODAY - timedelta(1)
    provider.days[str(yesterday)] = [row(yesterday)]
    first = load(api)
    api.calls.clear()
    provider.now = NOW + timedelta(1)
    provider.days[str(yesterday)] = [row(yesterday, usage=0.02)]
    again = load(api, first.known(), provider.now, restate_days=2)
    assert [call.query["date"] for call in api.calls] == [str(yesterday), str(TODAY)]
    [restated] = again.tables["activity"]
    assert restated["usage"] == Decimal("0.02")
    assert [unit["covers_from"].date() for unit in again.tables["load_units"]] == [yesterday, TODAY]


def test_a_server_that_ignores_the_day_does_not_multiply_the_bill(
    api: SmallApi, provider: OpenRouter
) -> None:
    everything = [row(TODAY - timedelta(number)) for number in range(1, 31)]
    for number in range(1, 31):
        provider.days[str(TODAY - timedelta(number))] = everything
    found = load(api)
    assert len(found.tables["activity"]) == 30
    assert len({line["usage_date"] for line in found.tables["activity"]}) == 30


def test_rate_limits_and_failures_are_waited_for(api: SmallApi) -> None:
    api.faults = [429, 500]
    found = load(api, start_date=str(TODAY - timedelta(1)))
    assert (len(api.calls), found.faults) == (3, [])
    assert len(found.tables["load_units"]) == 1


def test_a_server_that_keeps_failing_is_left_and_every_fault_is_said(api: SmallApi) -> None:
    api.faults = [200, 503, 503, 503]
    found = load(api, start_date=str(TODAY - timedelta(3)))
    listless, failing = found.faults
    assert "a page holds no list $.data" in listless
    assert "OpenRouter keeps failing at /activity (HTTP 503) after 3 attempts" in failing
    assert len(api.calls) == 4


def test_a_refused_key_is_said_once(api: SmallApi) -> None:
    found = load(api, admin_key="sk-or-inference")
    [fault] = found.faults
    assert "management key" in fault
    assert "sk-or-inference" not in fault
    assert len(api.calls) == 1


def test_a_changed_shape_keeps_what_is_known(api: SmallApi, provider: OpenRouter) -> None:
    yesterday = TODAY - timedelta(1)
    provider.days[str(yesterday)] = [row(yesterday)]
    first = load(api)
    changed = row(yesterday)
    changed["cost"] = changed.pop("usage")
    provider.days[str(yesterday)] = [changed]
    again = load(api, first.known())
    assert again.tables["load_units"] == []
    [fault] = again.faults
    assert "none of its 1 records can be read (bad_number)" in fault


def test_a_day_that_fell_out_of_the_window_in_the_meantime_is_said_and_the_rest_loads(
    api: SmallApi, provider: OpenRouter
) -> None:
    provider.now = NOW + timedelta(1)
    found = load(api)
    assert len(found.tables["load_units"]) == 29
    [fault] = found.faults
    assert fault.startswith(f"{TODAY - timedelta(30)}: OpenRouter rejected /activity")


def test_the_account_may_be_asked_for_as_a_whole(api: SmallApi) -> None:
    load(api, group_by_workspace=False, start_date=str(TODAY - timedelta(1)))
    assert [set(call.query) for call in api.calls] == [{"date"}]


def test_a_key_is_needed_and_travels_by_https_only() -> None:
    assert not openrouter.is_configured(SourceSettings("openrouter"))
    with pytest.raises(SettingsError, match="https://"):
        extract(openrouter, {"admin_key": "k", "base_url": "http://openrouter.ai/api/v1"})


def test_the_example_of_the_specification_loads(api: SmallApi, provider: OpenRouter) -> None:
    if not SCHEMAS.exists():
        pytest.skip("OpenRouter's specification is not at hand (../shared/data/openrouter)")
    example = json.loads(Path(SCHEMAS).read_text())["ActivityItem"]["example"]
    day = date.fromisoformat(example["date"])
    provider.now = datetime.combine(day + timedelta(2), NOW.time(), tzinfo=UTC)
    provider.days[str(day)] = [example]
    found = load(api, now=provider.now)
    assert (found.faults, found.tables["quarantine"]) == ([], [])
    [line] = found.tables["activity"]
    assert (line["usage"], line["workspace_id"]) == (Decimal(str(example["usage"])), None)
