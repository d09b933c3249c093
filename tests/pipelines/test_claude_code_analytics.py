"""Claude Code's analytics: a day's records by person, taken apart by model, in cents."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from pipelines.sources import claude_code_analytics
from tests.api_sources import NOW, Extraction, extract
from tests.small_api import Call, SmallApi
from tests.source_home import SourceHome

DAY = NOW.date() - timedelta(1)
PATH = "/v1/organizations/usage_report/claude_code"


def part(model: str, amount: float = 1025) -> dict[str, Any]:
    """Return one model of a record."""
    tokens = {"input": 100000, "output": 35000, "cache_read": 10000, "cache_creation": 5000}
    cost = {"currency": "USD", "amount": amount}
    return {"model": model, "tokens": tokens, "estimated_cost": cost}


def record(day: date = DAY, **changes: Any) -> dict[str, Any]:
    """Return a record as Anthropic's documentation shows it."""
    return {
        "date": f"{day}T00:00:00Z",
        "actor": {"type": "user_actor", "email_address": "developer@company.com"},
        "organization_id": "dc9f6c26", "customer_type": "api", "terminal_type": "vscode",
        "core_metrics": {
            "num_sessions": 5, "lines_of_code": {"added": 1543, "removed": 892},
            "commits_by_claude_code": 12, "pull_requests_by_claude_code": 2,
        },
        "tool_actions": {"edit_tool": {"accepted": 45, "rejected": 5}},
        "model_breakdown": [part("claude-opus-4-8")], **changes,
    }  # fmt: skip


class Anthropic:
    """Records by day, two a page."""

    def __init__(self) -> None:
        self.days: dict[str, list[dict[str, Any]]] = {}
        self.page = 2

    def answer(self, call: Call) -> Any:
        """Answer one page of one day."""
        if call.path != PATH:
            return 404
        found = self.days.get(call.query["starting_at"], [])
        start = int(call.query.get("page", "page_0").removeprefix("page_"))
        end = start + self.page
        cursor = f"page_{end}" if end < len(found) else None
        return {"data": found[start:end], "has_more": cursor is not None, "next_page": cursor}


@pytest.fixture
def provider() -> Anthropic:
    return Anthropic()


@pytest.fixture
def api(provider: Anthropic) -> Iterator[SmallApi]:
    with SmallApi(provider.answer) as served:
        yield served


def load(api: SmallApi, known: Any = None, now: datetime = NOW, **settings: Any) -> Extraction:
    own = {"base_url": api.url, "admin_key": "sk-ant-admin01", "start_date": str(DAY)}
    return extract(
        claude_code_analytics,
        own | {"request_attempts": 3, "organization_id": "acme"} | settings,
        known=known,
        now=now,
    )


def test_the_documentations_record_is_kept_and_its_person_is_a_pseudonym(
    api: SmallApi, provider: Anthropic
) -> None:
    provider.days[f"{DAY}"] = [record()]
    [row] = load(api).tables["usage"]
    assert row.pop("user_id") not in (None, "developer@company.com")
    assert row == {
        "load_unit_id": f"claude_code:{DAY}T00:00:00Z", "source_line": 1,
        "organization_id": "acme", "usage_date": datetime.fromisoformat(f"{DAY}T00:00:00"),
        "actor_type": "user_actor", "api_key_name": None,
        "anthropic_organization_id": "dc9f6c26", "customer_type": "api",
        "subscription_type": None, "terminal_type": "vscode", "position": 1, "session_count": 5,
        "lines_added_count": 1543, "lines_removed_count": 892, "commit_count": 12,
        "pull_request_count": 2, "tool_actions": '{"edit_tool":{"accepted":45,"rejected":5}}',
        "model": "claude-opus-4-8", "input_tokens": 100000, "output_tokens": 35000,
        "cache_read_tokens": 10000, "cache_creation_tokens": 5000,
        "estimated_cents": Decimal(1025), "currency": "USD",
    }  # fmt: skip
    [call] = [call for call in api.calls if call.query["starting_at"] == f"{DAY}"]
    assert call.query == {"starting_at": f"{DAY}", "limit": "1000"}


def test_a_record_is_a_row_a_model_and_one_without_models_stays(
    api: SmallApi, provider: Anthropic
) -> None:
    key = {"type": "api_actor", "api_key_name": "ci"}
    provider.days[f"{DAY}"] = [
        record(model_breakdown=[part("claude-opus-4-8"), part("claude-haiku-4-5", 0.125)]),
        record(model_breakdown=[], actor=key),
        record(model_breakdown=None, terminal_type="iTerm", customer_type="subscription"),
    ]
    found = load(api)
    rows = found.tables["usage"]
    assert [(row["model"], row["position"]) for row in rows] == [
        ("claude-opus-4-8", 1), ("claude-haiku-4-5", 2), (None, 1), (None, 1),
    ]  # fmt: skip
    assert rows[1]["estimated_cents"] == Decimal("0.125")
    assert (rows[2]["user_id"], rows[2]["api_key_name"]) == (None, "ci")
    assert found.unit(f"claude_code:{DAY}T00:00:00Z")["records_loaded"] == 4


def test_a_day_is_whole_an_hour_after_its_end(api: SmallApi, provider: Anthropic) -> None:
    midnight = datetime(NOW.year, NOW.month, NOW.day, tzinfo=UTC)
    unit = f"claude_code:{DAY}T00:00:00Z"
    early = load(api, now=midnight + timedelta(minutes=59))
    assert not early.unit(unit)["is_complete"]
    assert load(api, early.known(), now=midnight + timedelta(minutes=61)).unit(unit)["is_complete"]


def test_an_empty_day_is_known_and_a_restated_one_replaces_itself(
    api: SmallApi, provider: Anthropic
) -> None:
    first = load(api)
    assert first.unit(f"claude_code:{DAY}T00:00:00Z")["records_read"] == 0
    provider.days[f"{DAY}"] = [record()]
    again = load(api, first.known())
    assert len(again.tables["usage"]) == 1
    assert load(api, again.known(first.known())).tables["load_units"] == []


def test_an_answer_without_its_list_is_no_empty_day(api: SmallApi) -> None:
    api.answer = lambda _: {"records": []}
    found = load(api)
    assert found.tables["load_units"] == []
    assert ["list of data" in fault for fault in found.faults] == [True]


def test_rate_limits_and_failures_are_waited_for(api: SmallApi, provider: Anthropic) -> None:
    terminals = [f"t{number}" for number in range(5)]
    provider.days[f"{DAY}"] = [record(terminal_type=name) for name in terminals]
    api.faults = [429, 500]
    found = load(api)
    assert found.faults == []
    assert [row["terminal_type"] for row in found.tables["usage"]] == terminals


def test_a_refused_key_is_said_once_and_never_shown(api: SmallApi) -> None:
    api.faults = [401]
    [fault] = load(api, admin_key="sk-ant-other").faults
    assert "refused the admin key" in fault
    assert "sk-ant-other" not in fault
    assert len(api.calls) == 1


def test_no_person_reaches_the_lake(api: SmallApi, provider: Anthropic, tmp_path: Any) -> None:
    home = SourceHome(tmp_path / "home", "claude_code_analytics", "usage")
    today = datetime.now(UTC).date()
    provider.days[f"{today}"] = [record(today)]
    report = home.load(base_url=api.url, admin_key="sk-ant-admin01", start_date=f"{today}")
    assert (report.faults, report.records_loaded) == ([], 1)
    kept = b"".join(path.read_bytes() for path in home.folder.rglob("*") if path.is_file())
    assert b"developer@company.com" not in kept
