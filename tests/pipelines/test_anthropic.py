"""The Anthropic source against a local server that behaves, and misbehaves, as the API does."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.config import load_settings
from pipelines.demo.server import ANTHROPIC_KEY, Fault, ProviderServer
from pipelines.load import load_sources
from pipelines.sources import anthropic
from tests.api_sources import NOW, QUICK, Extraction, extract, renamed_cursors, write_results

COST_REPORT = "/v1/organizations/cost_report"
# The examples of Anthropic's own pages.
COST = {
    "amount": "123.78912",
    "context_window": "0-200k",
    "cost_type": "tokens",
    "currency": "USD",
    "description": "Claude Sonnet 4 Usage - Input Tokens",
    "model": "claude-sonnet-4-20250514",
    "service_tier": "standard",
    "token_type": "uncached_input_tokens",
    "workspace_id": "wrkspc_01JwQvzr7rXLA5AGx3HKfFUJ",
}
USAGE = {
    "uncached_input_tokens": 1500,
    "cache_creation": {"ephemeral_1h_input_tokens": 1000, "ephemeral_5m_input_tokens": 500},
    "cache_read_input_tokens": 200,
    "output_tokens": 500,
    "server_tool_use": {"web_search_requests": 10},
    "api_key_id": "apikey_01Rj2N8SVvo6BePZj99NhmiT",
    "workspace_id": "wrkspc_01JwQvzr7rXLA5AGx3HKfFUJ",
    "model": "claude-sonnet-4-20250514",
    "service_tier": "standard",
    "context_window": "0-200k",
}
CODE = {
    "amount": "5",
    "currency": "USD",
    "cost_type": "code_execution",
    "description": "Code Execution Usage",
    "workspace_id": None,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four days of which two are empty."""
    write_results(
        tmp_path, "anthropic/cost_report", {"2026-09-01": [COST, CODE], "2026-09-04": [COST]}
    )
    write_results(
        tmp_path, "anthropic/usage_report", {"2026-09-01": [USAGE | {"account_id": "acc_anna"}]}
    )
    return tmp_path


def load(
    server: ProviderServer, *, known: Any = None, now: datetime = NOW, **settings: Any
) -> Extraction:
    defaults = {"admin_key": ANTHROPIC_KEY, "base_url": server.anthropic_url}
    return extract(anthropic, defaults | settings, known=known, now=now)


def test_amounts_stay_cents_in_the_lake_digit_by_digit(folder: Path) -> None:
    with ProviderServer(folder) as server:
        rows = load(server).tables["cost_report"]
    assert [row["amount_cents"] for row in rows] == [
        Decimal("123.78912"),
        Decimal(5),
        Decimal("123.78912"),
    ]
    assert {row["currency"] for row in rows} == {"USD"}
    assert {row["group_by"] for row in rows} == {"workspace_id,description"}


def test_the_default_workspace_and_tools_are_not_dropped(folder: Path) -> None:
    with ProviderServer(folder) as server:
        rows = load(server).tables["cost_report"]
    [code] = [row for row in rows if row["cost_type"] == "code_execution"]
    assert (code["workspace_id"], code["token_type"], code["amount_cents"]) == (
        None,
        None,
        Decimal(5),
    )


def test_use_of_the_console_and_of_the_default_workspace_is_not_dropped(folder: Path) -> None:
    nobodys = USAGE | {"api_key_id": None, "workspace_id": None}
    write_results(folder, "anthropic/usage_report", {"2026-09-01": [USAGE, nobodys]})
    with ProviderServer(folder) as server:
        rows = load(server).tables["usage_report"]
    assert {(row["api_key_id"], row["workspace_id"]) for row in rows} == {
        (USAGE["api_key_id"], USAGE["workspace_id"]), (None, None),
    }  # fmt: skip


def test_speed_is_told_to_those_who_ask_for_it(folder: Path) -> None:
    """Fast mode has its own prices; asking needs a beta header, and is a setting."""
    write_results(folder, "anthropic/usage_report", {"2026-09-01": [USAGE | {"speed": "fast"}]})
    with ProviderServer(folder) as server:
        [plain] = load(server).tables["usage_report"]
        asked = load(server, usage_by_speed=True)
    [fast] = asked.tables["usage_report"]
    assert (plain["speed"], fast["speed"]) == (None, "fast")
    assert fast["group_by"] == f"{plain['group_by']},speed"
    assert {row["group_by"] for row in asked.tables["cost_report"]} == {"workspace_id,description"}


@pytest.mark.parametrize("form", ["page_MjAyNS0wNS0xNFQ{}=", "2019-12-27T18:11:19.{}Z"])
def test_a_cursor_is_sent_back_as_it_came(folder: Path, form: str) -> None:
    with ProviderServer(folder, page_size=1) as server:
        expected = load(server).tables["cost_report"]
        server.answer = renamed_cursors(server.answer, form)  # type: ignore[method-assign]
        result = load(server)
    assert (result.faults, result.tables["cost_report"]) == ([], expected)


def test_the_kinds_of_input_arrive_side_by_side(folder: Path) -> None:
    with ProviderServer(folder) as server:
        [row] = load(server).tables["usage_report"]
    kinds = ("uncached", "cache_read", "ephemeral_5m", "ephemeral_1h")
    assert [row[f"{kind}_input_tokens"] for kind in kinds] == [1500, 200, 500, 1000]
    assert (row["output_tokens"], row["web_search_requests"]) == (500, 10)
    assert row["context_window"] == "0-200k"


def test_accounts_are_pseudonyms(folder: Path) -> None:
    with ProviderServer(folder) as server:
        server.replace_day(
            "/v1/organizations/usage_report/messages",
            date(2026, 9, 1),
            [USAGE | {"account_id": "acc_anna"}],
        )
        result = load(server)
    assert "acc_anna" not in str(dict(result.tables))
    assert "account_id" not in json.loads(result.tables["usage_report"][0]["result_json"])


@pytest.mark.parametrize("strict", [False, True])
def test_the_running_day_is_asked_for_however_ending_at_is_meant(
    folder: Path, strict: bool
) -> None:
    with ProviderServer(folder, page_size=2) as server:
        server.ends_before = strict
        result = load(server)
    days = [unit["load_unit_id"] for unit in result.tables["load_units"]]
    assert [day for day in days if day.startswith("cost_report")] == [
        f"cost_report:2026-09-0{day}T00:00:00Z" for day in range(1, 5)
    ]
    assert not result.unit("cost_report:2026-09-04T00:00:00Z")["is_complete"]
    assert result.unit("cost_report:2026-09-02T00:00:00Z")["records_read"] == 0


def test_a_bad_amount_is_refused_with_its_place(tmp_path: Path) -> None:
    results = [
        COST,
        COST | {"amount": "n/a", "description": "b"},
        {**COST, "currency": None, "description": "c"},
    ]
    write_results(tmp_path, "anthropic/cost_report", {"2026-09-01": results})
    with ProviderServer(tmp_path) as server:
        result = load(server)
    assert [row["reason"] for row in result.tables["quarantine"]] == ["bad_number", "missing_text"]
    assert result.unit("cost_report:2026-09-01T00:00:00Z")["records_loaded"] == 1
    assert "n/a" not in str(result.tables["quarantine"])


def test_a_count_beyond_the_bound_is_refused_and_the_largest_is_taken(tmp_path: Path) -> None:
    counts = (2**63 - 1, 10**12 + 1, 10**12)
    results = [USAGE | {"api_key_id": str(count), "output_tokens": count} for count in counts]
    write_results(tmp_path, "anthropic/usage_report", {"2026-09-01": results})
    with ProviderServer(tmp_path) as server:
        result = load(server)
    assert [row["reason"] for row in result.tables["quarantine"]] == ["bad_number"] * 2
    assert [row["output_tokens"] for row in result.tables["usage_report"]] == [10**12]


def test_only_a_restated_day_is_sent_again(folder: Path) -> None:
    with ProviderServer(folder) as server:
        first = load(server)
        unchanged = load(server, known=first.known())
        server.replace_day(COST_REPORT, date(2026, 9, 1), [COST | {"amount": "124"}])
        again = load(server, known=first.known())
    assert not any(unchanged.tables.values())
    assert [row["load_unit_id"] for row in again.tables["load_units"]] == [
        "cost_report:2026-09-01T00:00:00Z"
    ]
    assert [row["amount_cents"] for row in again.tables["cost_report"]] == [Decimal(124)]


def test_one_report_that_fails_does_not_stop_the_other(folder: Path) -> None:
    with ProviderServer(
        folder, faults=[Fault("server_error", path="cost_report", times=99)]
    ) as server:
        result = load(server, request_attempts=2)
    assert len(result.faults) == 1
    assert "/v1/organizations/cost_report" in result.faults[0]
    assert len(result.tables["usage_report"]) == 1


def test_a_refused_key_is_told_once(folder: Path) -> None:
    with ProviderServer(folder) as server:
        result = load(server, admin_key="sk-ant-wrong")
        assert len(server.requests) == 1
    [fault] = result.faults
    assert fault.startswith("Anthropic refused the admin key: ")
    assert "sk-ant-wrong" not in fault


def test_hours_of_a_day_are_one_unit(folder: Path) -> None:
    hours = {f"2026-09-02T{hour:02}:00:00Z": [USAGE] for hour in range(24)}
    write_results(folder, "anthropic/usage_report", hours)
    with ProviderServer(folder) as server:
        result = load(server, usage_bucket_width="1h")
    assert result.faults == []  # the cost report has no hours, and is asked for by the day
    assert result.unit("usage_report:2026-09-02T00:00:00Z")["records_loaded"] == 24
    assert len({row["bucket_start"] for row in result.tables["usage_report"]}) == 24


def test_a_real_load_twice_gives_the_same_lake(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.load._not_before_last_load", lambda *_: NOW)
    with ProviderServer(folder) as server:
        given = QUICK | {"admin_key": ANTHROPIC_KEY, "base_url": server.anthropic_url}
        overrides = {f"sources.anthropic.{name}": value for name, value in given.items()}
        settings = load_settings(folder / "home", overrides)
        [first] = load_sources(settings, ["anthropic"], lambda *_: None)
        [again] = load_sources(settings, ["anthropic"], lambda *_: None)
    assert (first.faults, first.records_loaded, again.units) == ([], 4, 0)
    with duckdb.connect() as connection:
        costs = f"{folder}/home/lake/raw_anthropic/cost_report/*/*.parquet"
        query = "select sum(amount_cents), count(*) from read_parquet(?)"
        assert connection.sql(query, params=[costs]).fetchall() == [(Decimal("252.57824"), 3)]
