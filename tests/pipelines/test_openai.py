"""The OpenAI source against a local server that behaves, and misbehaves, as the API does."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.config import SettingsError, load_settings
from pipelines.demo.server import OPENAI_KEY, Fault, ProviderServer
from pipelines.load import load_sources
from pipelines.sources import openai
from tests.api_sources import (
    NOW,
    QUICK,
    Extraction,
    extract,
    renamed_cursors,
    write_results,
)

COSTS = "/v1/organization/costs"
DAY = "costs:2026-09-02T00:00:00Z"


def cost(value: str, **fields: Any) -> str:
    """Return one cost result as JSON text, its amount as written."""
    rest = {"line_item": "gpt-4o, input", "project_id": "proj_1", "api_key_id": "key_1", **fields}
    amount = f'{{"value": {value}, "currency": "usd"}}'
    return f'{{"object": "organization.costs.result", "amount": {amount}, {json.dumps(rest)[1:]}'


def usage(**fields: Any) -> dict[str, Any]:
    """Return one completions result."""
    return {
        "object": "organization.usage.completions.result",
        "input_tokens": 1000,
        "input_cached_tokens": 400,
        "input_cache_write_tokens": 100,
        "input_uncached_tokens": 500,
        "output_tokens": 500,
        "num_model_requests": 5,
        "project_id": "proj_1",
        "user_id": "user-anna",
        "api_key_id": "key_1",
        "model": "gpt-4o",
        "batch": False,
        "service_tier": "default",
        **fields,
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four days of which the third is empty."""
    write_results(
        tmp_path,
        "openai/costs",
        {
            "2026-09-01": [cost("0.06")],
            "2026-09-02": [cost("0.1"), cost("0.2", project_id="proj_old")],
            "2026-09-04": [cost("1")],
        },
    )
    write_results(tmp_path, "openai/usage_completions", {"2026-09-01": [usage()]})
    projects = [
        {
            "id": project_id, "name": name, "created_at": 1711471533,
            "archived_at": archived_at, "status": status,
        }
        for project_id, name, archived_at, status in (
            ("proj_1", "One", None, "active"), ("proj_old", "Old", 1711471999, "archived"),
        )
    ]  # fmt: skip
    owner = {
        "type": "user",
        "user": {"id": "user_abc", "name": "First Last", "email": "user@example.com"},
    }
    keys = {
        "proj_1": [
            {
                "id": "key_1",
                "name": "Site",
                "redacted_value": "sk-abc...def",
                "created_at": 1711471533,
                "last_used_at": None,
                "owner": owner,
            }
        ],
        "proj_old": [],
    }
    (tmp_path / "openai" / "projects.json").write_text(json.dumps(projects))
    (tmp_path / "openai" / "api_keys.json").write_text(json.dumps(keys))
    return tmp_path


def load(
    server: ProviderServer, *, known: Any = None, now: datetime = NOW, **settings: Any
) -> Extraction:
    defaults = {"admin_key": OPENAI_KEY, "base_url": server.openai_url}
    return extract(openai, defaults | settings, known=known, now=now)


def test_all_pages_and_days_arrive_whatever_the_page_size(folder: Path) -> None:
    seen = []
    for page_size in (None, 1, 3):
        with ProviderServer(folder, page_size=page_size) as server:
            result = load(server)
        assert result.faults == []
        seen.append([(row["load_unit_id"], row["amount"]) for row in result.tables["costs"]])
    assert seen[0] == seen[1] == seen[2]
    assert [amount for _, amount in seen[0]] == [
        Decimal(text) for text in ("0.06", "0.1", "0.2", "1")
    ]


@pytest.mark.parametrize("form", ["AAAAAAGdGxd{}EiJ+=/", "2019-12-27T18:11:19.{}Z"])
def test_a_cursor_is_sent_back_as_it_came(folder: Path, form: str) -> None:
    with ProviderServer(folder, page_size=1) as server:
        expected = load(server).tables["costs"]
        server.answer = renamed_cursors(server.answer, form)  # type: ignore[method-assign]
        result = load(server)
    assert (result.faults, result.tables["costs"]) == ([], expected)


def test_a_result_of_another_year_loads_with_what_it_has(folder: Path) -> None:
    older = {"object": "organization.usage.completions.result", "model": "gpt-4o"}
    older |= {"input_tokens": 1000, "input_cached_tokens": 800, "output_tokens": 500}
    newer = usage(model="gpt-9", input_text_tokens=400, thought_tokens=7, tiers=[{"a": 1}])
    write_results(folder, "openai/usage_completions", {"2026-09-01": [older, newer]})
    with ProviderServer(folder) as server:
        result = load(server)
    assert (result.faults, result.tables["quarantine"]) == ([], [])
    first, second = sorted(result.tables["usage"], key=lambda row: row["model"])
    columns = ("input_tokens", "input_cached_tokens", "input_uncached_tokens", "service_tier")
    assert [first[name] for name in columns] == [1000, 800, None, None]
    assert [second[name] for name in columns] == [1000, 400, 500, "default"]
    assert json.loads(second["result_json"])["thought_tokens"] == 7


@pytest.mark.parametrize("count", [3, 8])
def test_an_answer_in_another_shape_replaces_nothing(folder: Path, count: int) -> None:
    lines = [cost("1", line_item=f"line {number}") for number in range(count)]
    write_results(folder, "openai/costs", {f"2026-09-0{day}": lines for day in (1, 2, 3)})
    with ProviderServer(folder) as server:
        server.faults.append(Fault("renamed", path="/organization/costs", times=9))
        result = load(server)
    is_taken = {row["table_name"] for row in result.tables["load_units"]} >= {"costs"}
    if count == 3:  # few: quarantined one by one
        assert (result.faults, len(result.tables["quarantine"]), is_taken) == ([], 9, True)
    else:
        [fault] = result.faults
        assert "/organization/costs: none of its 24 records can be read (bad_number)" in fault
        assert (result.tables["quarantine"], is_taken) == ([], False)
    assert result.tables["projects"]


def test_an_empty_day_is_a_unit_without_records(folder: Path) -> None:
    with ProviderServer(folder) as server:
        unit = load(server).unit("costs:2026-09-03T00:00:00Z")
    assert (unit["records_read"], unit["records_loaded"], unit["is_complete"]) == (0, 0, True)
    assert unit["covers_from"].isoformat() == "2026-09-03T00:00:00"


def test_the_day_that_still_runs_is_not_complete(folder: Path) -> None:
    with ProviderServer(folder) as server:
        result = load(server)
    assert not result.unit("costs:2026-09-04T00:00:00Z")["is_complete"]
    assert result.unit("costs:2026-09-03T00:00:00Z")["is_complete"]


def test_amounts_are_exact_and_a_text_is_taken_too(tmp_path: Path) -> None:
    texts = ["0.123456789012", "123456789012345.123456789012", '"12.50"', "1e-05", "-3"]
    results = [cost(text, line_item=f"item {number}") for number, text in enumerate(texts)]
    write_results(tmp_path, "openai/costs", {"2026-09-01": results})
    with ProviderServer(tmp_path) as server:
        rows = load(server).tables["costs"]
    expected = [Decimal(text.strip('"')) for text in texts]
    assert [row["amount"] for row in rows] == expected
    assert {row["currency"] for row in rows} == {"usd"}
    assert {row["group_by"] for row in rows} == {"project_id,line_item,api_key_id"}


def test_a_bad_record_is_refused_with_its_place_and_the_rest_loads(tmp_path: Path) -> None:
    results: list[Any] = [
        cost("0.5"),
        cost('"abc"', line_item="b"),
        cost("null", line_item="c"),
        cost("true", line_item="d"),
        cost("0.25", quantity="lots"),
        {"line_item": "no amount"},
        cost("1e300", line_item="g"),
        cost("1000000000000000.000000000001", line_item="h"),
        cost("0.25", quantity=10**12 + 1),
    ]
    write_results(tmp_path, "openai/costs", {"2026-09-02": results})
    with ProviderServer(tmp_path) as server:
        server.replace_day(
            COSTS, date(2026, 9, 3), [json.loads(cost("2")), {"amount": {"value": 1}}]
        )
        result = load(server)
    unit = result.unit(DAY)
    assert (unit["records_read"], unit["records_loaded"], unit["records_quarantined"]) == (9, 1, 8)
    refused = [row for row in result.tables["quarantine"] if row["load_unit_id"] == DAY]
    assert {row["reason"] for row in refused} == {"bad_number"}
    assert {row["location"] for row in refused} == {"/organization/costs"}
    lines = {
        row["source_line"]
        for row in [*refused, *result.tables["costs"]]
        if row["load_unit_id"] == DAY
    }
    assert lines == set(range(1, 10))
    assert [row["reason"] for row in result.tables["quarantine"] if row not in refused] == [
        "missing_text"
    ]


def test_what_is_no_object_is_refused(folder: Path) -> None:
    with ProviderServer(folder) as server:
        server._records[COSTS].replaced[datetime(2026, 9, 2, tzinfo=UTC)] = [json.loads(cost("1"))]
        server.answer = _with_broken_results(server.answer)  # type: ignore[method-assign]
        result = load(server)
    assert [row["reason"] for row in result.tables["quarantine"]] == ["malformed_json"] * 2
    assert result.unit(DAY)["records_read"] == 3


def _with_broken_results(answer: Any) -> Any:
    def broken(path: str, query: Any) -> Any:
        page = answer(path, query)
        if path == COSTS:
            page["data"][1]["results"] += [5, None]
        return page

    return broken


def test_a_bucket_sent_twice_is_a_duplicate(folder: Path) -> None:
    with ProviderServer(folder) as server:
        answer = server.answer

        def overlapping(path: str, query: Any) -> Any:
            page = answer(path, query)
            if path == COSTS:
                page["data"].insert(2, page["data"][1])
            return page

        server.answer = overlapping  # type: ignore[method-assign]
        result = load(server)
    unit = result.unit(DAY)
    assert (unit["records_read"], unit["records_loaded"], unit["records_duplicate"]) == (4, 2, 2)
    assert sum(row["amount"] for row in result.tables["costs"]) == Decimal("1.36")


def test_nothing_that_did_not_change_is_sent_again(folder: Path) -> None:
    with ProviderServer(folder) as server:
        first = load(server)
        again = load(server, known=first.known())
    assert len(first.tables["load_units"]) == 11 * 4 + 3
    assert {name: rows for name, rows in again.tables.items() if rows} == {}


def test_a_restated_day_replaces_itself_alone_and_an_emptied_one_too(folder: Path) -> None:
    with ProviderServer(folder) as server:
        first = load(server)
        server.replace_day(COSTS, date(2026, 9, 1), [json.loads(cost("9"), parse_float=Decimal)])
        server.replace_day(COSTS, date(2026, 9, 2), [])
        again = load(server, known=first.known())
    assert [row["load_unit_id"] for row in again.tables["load_units"]] == [
        "costs:2026-09-01T00:00:00Z",
        DAY,
    ]
    assert [row["amount"] for row in again.tables["costs"]] == [Decimal(9)]
    assert again.unit(DAY)["records_read"] == 0


def test_a_day_that_has_ended_is_reported_complete_though_nothing_changed(folder: Path) -> None:
    with ProviderServer(folder) as server:
        first = load(server)
        again = load(server, known=first.known(), now=NOW + timedelta(days=1))
    assert again.unit("costs:2026-09-04T00:00:00Z")["is_complete"]
    assert [row["amount"] for row in again.tables["costs"]] == [Decimal(1)]


def test_only_the_trailing_window_is_asked_for_again(folder: Path) -> None:
    with ProviderServer(folder) as server:
        first = load(server)
        server.requests.clear()
        load(server, known=first.known(), restate_days=2)
        starts = {query["start_time"][0] for path, query in server.requests if path == COSTS}
        server.requests.clear()
        load(server, known=first.known(), restate_days=2, start_date="2026-08-30")
        earlier = {query["start_time"][0] for path, query in server.requests if path == COSTS}
    assert starts == {str(int(datetime(2026, 9, 3, tzinfo=UTC).timestamp()))}
    assert earlier == {str(int(datetime(2026, 8, 30, tzinfo=UTC).timestamp()))}


def test_long_histories_are_asked_for_in_windows(folder: Path) -> None:
    with ProviderServer(folder) as server:
        result = load(server, start_date="2026-06-01")
    days = [
        row["load_unit_id"] for row in result.tables["load_units"] if row["table_name"] == "costs"
    ]
    assert len(days) == len(set(days)) == 96


def test_users_are_pseudonyms_in_every_column(folder: Path) -> None:
    with ProviderServer(folder) as server:
        result = load(server)
    [row] = result.tables["usage"]
    assert len(row["user_id"]) == 32
    assert "user_id" not in json.loads(row["result_json"])
    everything = str(dict(result.tables))
    for word in ("user-anna", "user_abc", "user@example.com", "First Last", "sk-abc", OPENAI_KEY):
        assert word not in everything


def test_archived_projects_and_keys_keep_their_names(folder: Path) -> None:
    with ProviderServer(folder, page_size=1) as server:
        result = load(server)
    assert [(row["project_name"], row["archived_at"]) for row in result.tables["projects"]] == [
        ("One", None),
        ("Old", datetime.fromisoformat("2024-03-26T16:53:19")),
    ]
    [key] = result.tables["api_keys"]
    assert (key["api_key_id"], key["project_id"], key["owner_type"]) == ("key_1", "proj_1", "user")
    assert result.unit("api_keys:proj_old")["records_read"] == 0


def test_a_project_may_have_no_name_and_a_key_no_person(folder: Path) -> None:
    project = {"id": "proj_1", "name": None, "created_at": 1711471533, "status": None}
    owner = {"type": "service_account", "service_account": {"id": "svc_acct_1", "name": "Batch"}}
    key = {"id": "key_1", "name": None, "created_at": 1711471533, "owner": owner}
    (folder / "openai" / "projects.json").write_text(json.dumps([project]))
    (folder / "openai" / "api_keys.json").write_text(json.dumps({"proj_1": [key]}))
    with ProviderServer(folder) as server:
        result = load(server)
    assert (result.faults, result.tables["quarantine"]) == ([], [])
    [row] = result.tables["projects"]
    assert (row["project_name"], row["status"], row["archived_at"]) == (None, None, None)
    [row] = result.tables["api_keys"]
    assert (row["owner_type"], row["api_key_name"]) == ("service_account", None)
    assert row["owner_id"] not in (None, "svc_acct_1")


def test_a_deleted_key_is_a_new_list_without_it(folder: Path) -> None:
    with ProviderServer(folder) as server:
        first = load(server)
        (folder / "openai" / "api_keys.json").write_text('{"proj_1": [], "proj_old": []}')
        again = load(server, known=first.known())
    assert [row["load_unit_id"] for row in again.tables["load_units"]] == ["api_keys:proj_1"]
    assert again.tables["api_keys"] == []


def test_one_report_that_fails_does_not_stop_the_others(folder: Path) -> None:
    fault = Fault("server_error", path="/usage/completions", times=99)
    with ProviderServer(folder, faults=[fault]) as server:
        result = load(server, request_attempts=2)
        assert len(result.faults) == 1
        assert "/organization/usage/completions" in result.faults[0]
        assert result.tables["costs"]
        assert result.tables["projects"]
        assert result.tables["usage"] == []
        fault.times = 0
        assert len(load(server, known=result.known()).tables["usage"]) == 1


@pytest.mark.parametrize(
    "bucket",
    [
        None,
        {"results": []},
        {"start_time": "soon", "end_time": 1, "results": []},
        {"start_time": 1788220800, "end_time": 1788307200, "results": {}},
    ],
)
def test_a_report_that_cannot_be_split_is_a_fault_and_the_others_load(
    folder: Path, bucket: Any
) -> None:
    with ProviderServer(folder) as server:
        answer = server.answer
        broken = {"data": [bucket], "has_more": False}
        server.answer = lambda path, query: broken if path == COSTS else answer(path, query)  # type: ignore[method-assign]
        result = load(server)
    assert len(result.faults) == 1
    assert result.faults[0].startswith("/organization/costs sent a bucket without start or results")
    assert result.tables["costs"] == []
    assert len(result.tables["usage"]) == 1


def test_a_refused_key_is_told_once(folder: Path) -> None:
    with ProviderServer(folder) as server:
        result = load(server, admin_key="sk-wrong")
        assert len(server.requests) == 1
    assert len(result.faults) == 1
    assert result.faults[0].startswith("OpenAI refused the admin key: ")


def test_a_change_of_bucket_width_replaces_the_day(folder: Path) -> None:
    hours = {f"2026-09-01T{hour:02}:00:00Z": [usage(num_model_requests=hour)] for hour in range(24)}
    write_results(folder, "openai/usage_completions", hours)
    with ProviderServer(folder) as server:
        hourly = load(server, usage_bucket_width="1h")
        daily = load(server, known=hourly.known())
    unit = "completions:2026-09-01T00:00:00Z"
    assert hourly.faults == daily.faults == []  # costs have no hours, and are asked for by the day
    assert hourly.unit(unit)["records_loaded"] == 24
    assert {row["load_unit_id"] for row in hourly.tables["usage"]} == {unit}
    assert [row["load_unit_id"] for row in daily.tables["load_units"]] == [unit]
    assert daily.tables["usage"][0]["num_model_requests"] == sum(range(24))


@pytest.mark.parametrize(
    ("name", "value"), [("start_date", "soon"), ("usage_bucket_width", "1m"), ("restate_days", "x")]
)
def test_a_wrong_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    with (
        ProviderServer(tmp_path) as server,
        pytest.raises(SettingsError, match=f"__{name.upper()}"),
    ):
        load(server, **{name: value})


def test_a_real_load_twice_gives_the_same_lake(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.load._not_before_last_load", lambda *_: NOW)
    with ProviderServer(folder) as server:
        given = QUICK | {"admin_key": OPENAI_KEY, "base_url": server.openai_url}
        overrides = {f"sources.openai.{name}": value for name, value in given.items()}
        settings = load_settings(folder / "home", overrides)
        [first] = load_sources(settings, ["openai"], lambda *_: None)
        [again] = load_sources(settings, ["openai"], lambda *_: None)
    assert (first.faults, first.records_loaded, again.units) == ([], 4 + 1 + 2 + 1, 0)
    with duckdb.connect() as connection:
        costs = f"{folder}/home/lake/raw_openai/costs/*/*.parquet"
        query = "select sum(amount), count(*), any_value(typeof(amount)) from read_parquet(?)"
        assert connection.sql(query, params=[costs]).fetchall() == [
            (Decimal("1.36"), 4, "DECIMAL(38,12)")
        ]
