"""Spend logs from the proxy's API: single calls, a UTC day a unit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from pipelines.config import SettingsError
from pipelines.sources import litellm
from tests.api_sources import NOW, Extraction, extract
from tests.litellm_logs import spend_log
from tests.small_api import Call, SmallApi

DAY = NOW.date() - timedelta(1)


def call_log(name: str, moment: str = f"{DAY} 08:00:00.000000", **changes: Any) -> dict[str, Any]:
    return spend_log(name, startTime=moment, metadata={}, request_tags=["batch"], **changes)


class Proxy:
    """The proxy's records, single where it is told not to add them up."""

    def __init__(self) -> None:
        self.logs: list[dict[str, Any]] = []

    def answer(self, call: Call) -> Any:
        """Answer from one day's first moment to another's, both included, as LiteLLM does."""
        if call.path != "/spend/logs":
            return 404
        begin, end = call.query["start_date"], f"{call.query['end_date']} 00:00:00.000000"
        found = [one for one in self.logs if begin <= one["startTime"] <= end]
        if call.query.get("summarize") == "false":
            return found
        return [{"startTime": begin, "spend": sum(one["spend"] for one in found), "models": {}}]


@pytest.fixture
def proxy() -> Proxy:
    return Proxy()


@pytest.fixture
def api(proxy: Proxy) -> Iterator[SmallApi]:
    with SmallApi(proxy.answer, key="Bearer sk-master") as served:
        yield served


def load(api: SmallApi, known: Any = None, **settings: Any) -> Extraction:
    own = {
        "base_url": api.url, "admin_key": "sk-master", "start_date": str(DAY),
        "request_attempts": 3,
    }  # fmt: skip
    return extract(litellm, own | settings, known=known)


def test_single_calls_come_by_their_day(api: SmallApi, proxy: Proxy) -> None:
    proxy.logs = [
        call_log("a"), call_log("midnight", f"{NOW.date()} 00:00:00.000000"),
        call_log("b", f"{DAY} 23:59:59.999999"),
    ]  # fmt: skip
    found = load(api)
    assert {call.query["summarize"] for call in api.calls} == {"false"}
    rows = [(row["request_id"], row["load_unit_id"][-20:-10]) for row in found.tables["spend_logs"]]
    assert rows == [("a", str(DAY)), ("b", str(DAY)), ("midnight", str(NOW.date()))]
    [first, *_] = found.tables["spend_logs"]
    assert first["request_tags"] == '["batch"]'
    assert first["user_id"] not in (None, "ann@example.com")
    place = api.url.removeprefix("http://")
    assert found.unit(f"spend_logs:{place}:{DAY}T00:00:00Z")["location"] == f"{place}/spend/logs"


def test_an_unchanged_day_is_not_sent_again_and_a_changed_one_is(
    api: SmallApi, proxy: Proxy
) -> None:
    proxy.logs = [call_log("a")]
    first = load(api)
    assert load(api, first.known()).tables["load_units"] == []
    proxy.logs.append(call_log("b"))
    again = load(api, first.known())
    assert [row["request_id"] for row in again.tables["spend_logs"]] == ["a", "b"]


def test_an_empty_day_is_known_to_be_empty(api: SmallApi) -> None:
    found = load(api)
    assert [unit["records_read"] for unit in found.tables["load_units"]] == [0, 0]
    assert found.faults == []


def test_a_proxy_that_adds_up_all_the_same_is_no_call(api: SmallApi, proxy: Proxy) -> None:
    proxy.logs = [call_log("a")]
    api.answer = lambda call: [{"startTime": str(DAY), "spend": 1.5, "users": {}, "models": {}}]
    found = load(api)
    assert found.tables["spend_logs"] == []
    assert {row["reason"] for row in found.tables["quarantine"]} == {"missing_request_id"}


def test_a_bad_record_is_refused_and_the_others_are_kept(api: SmallApi, proxy: Proxy) -> None:
    proxy.logs = [call_log("a"), call_log("b", prompt_tokens=-1), call_log("", spend=1)]
    found = load(api)
    assert [row["request_id"] for row in found.tables["spend_logs"]] == ["a"]
    assert [row["reason"] for row in found.tables["quarantine"]] == [
        "bad_number", "missing_request_id",
    ]  # fmt: skip


def test_rate_limits_and_failures_are_waited_for_and_a_refused_key_is_said_once(
    api: SmallApi, proxy: Proxy
) -> None:
    proxy.logs = [call_log("a")]
    api.faults = [429, 500]
    found = load(api)
    assert (found.faults, len(found.tables["spend_logs"])) == ([], 1)
    api.calls.clear()
    [fault] = load(api, admin_key="sk-other").faults
    assert "LITELLM__ADMIN_KEY" in fault
    assert "sk-other" not in fault
    assert len(api.calls) == 1


def test_an_answer_that_is_no_list_empties_no_day(api: SmallApi, proxy: Proxy) -> None:
    proxy.logs = [call_log("a")]
    first = load(api)
    api.answer = lambda call: {"error": "no database"}
    again = load(api, first.known())
    assert again.tables["load_units"] == []
    assert "a page holds no list $" in again.faults[0]


def test_the_master_key_travels_by_https_only(api: SmallApi) -> None:
    with pytest.raises(SettingsError, match="https://"):
        load(api, base_url="http://litellm.example.com:4000")
