"""The local provider server: envelopes, buckets, cursors, grouping and refusals as the APIs'."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests

from pipelines.demo.server import ANTHROPIC_KEY, OPENAI_KEY, ProviderServer
from tests.api_sources import write_results

START = int(datetime(2026, 9, 1, tzinfo=UTC).timestamp())
DAY = 86400


def cost(project: str | None, key: str, value: str) -> str:
    amount = f'"amount": {{"value": {value}, "currency": "usd"}}'
    names = json.dumps({"line_item": "gpt-4o, input", "project_id": project, "api_key_id": key})
    return f'{{{amount}, "quantity": 10, "quantity_unit": "tokens", {names[1:]}'


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ProviderServer]:
    """Three days, the second empty."""
    write_results(
        tmp_path,
        "openai/costs",
        {
            "2026-09-01": [
                cost("a", "k1", "0.1"),
                cost("a", "k2", "0.2"),
                cost(None, "k1", "0.000000000001"),
            ],
            "2026-09-03": [cost("a", "k1", "12345678901234567.123456789012")],
        },
    )
    usage = {
        "object": "organization.usage.completions.result",
        "input_tokens": 3,
        "model": "m",
        "batch": True,
    }
    write_results(
        tmp_path,
        "openai/usage_completions",
        {
            "2026-09-01T05:00:00Z": [usage],
            "2026-09-01T06:00:00Z": [usage, usage | {"batch": False}],
        },
    )
    line = {
        "amount": "0.1",
        "currency": "USD",
        "description": "d",
        "model": "m",
        "workspace_id": None,
    }
    write_results(
        tmp_path,
        "anthropic/cost_report",
        {"2026-09-01": [line, line | {"description": "e", "amount": "0.2"}]},
    )
    projects = [{"id": f"p{n}", "archived_at": 1 if n == 2 else None} for n in range(3)]
    (tmp_path / "openai" / "projects.json").write_text(json.dumps(projects))
    with ProviderServer(tmp_path) as running:
        yield running


def ask(server: ProviderServer, path: str, *, status: int = 200, **params: Any) -> dict[str, Any]:
    """Ask OpenAI's side; numbers come back as decimals."""
    headers = {"Authorization": f"Bearer {OPENAI_KEY}"}
    answer = requests.get(f"{server.openai_url}{path}", params=params, headers=headers, timeout=5)
    assert answer.status_code == status, answer.text
    return json.loads(answer.text, parse_float=Decimal)


def ask_anthropic(
    server: ProviderServer, path: str, *, status: int = 200, **params: Any
) -> dict[str, Any]:
    headers = {"x-api-key": ANTHROPIC_KEY, "anthropic-version": "2023-06-01"}
    answer = requests.get(
        f"{server.anthropic_url}{path}", params=params, headers=headers, timeout=5
    )
    assert answer.status_code == status, answer.text
    return answer.json()


def test_the_limit_counts_buckets_and_empty_days_are_there(server: ProviderServer) -> None:
    params = {
        "start_time": START,
        "end_time": START + 3 * DAY,
        "limit": 2,
        "group_by[]": ["project_id", "api_key_id"],
    }
    first = ask(server, "/organization/costs", **params)
    assert (first["object"], first["has_more"]) == ("page", True)
    assert [len(bucket["results"]) for bucket in first["data"]] == [3, 0]
    assert first["data"][0] | {"results": []} == {
        "object": "bucket",
        "start_time": START,
        "end_time": START + DAY,
        "results": [],
    }
    assert first["next_page"].startswith("page_")
    second = ask(server, "/organization/costs", **params, page=first["next_page"])
    assert [bucket["start_time"] for bucket in second["data"]] == [START + 2 * DAY]
    assert (second["has_more"], second["next_page"]) == (False, None)


def test_sums_are_exact_and_fields_not_grouped_by_are_null(server: ProviderServer) -> None:
    page = ask(server, "/organization/costs", start_time=START, end_time=START + 3 * DAY)
    [total] = page["data"][0]["results"]
    assert total["amount"] == {"value": Decimal("0.300000000001"), "currency": "usd"}
    assert {
        total[name]
        for name in ("project_id", "api_key_id", "line_item", "quantity", "quantity_unit")
    } == {None}
    assert page["data"][2]["results"][0]["amount"]["value"] == Decimal(
        "12345678901234567.123456789012"
    )


def test_quantities_come_with_line_items(server: ProviderServer) -> None:
    page = ask(
        server, "/organization/costs", start_time=START, limit=1, **{"group_by": ["line_item"]}
    )
    [total] = page["data"][0]["results"]
    assert (total["quantity"], total["quantity_unit"], total["project_id"]) == (30, "tokens", None)


def test_hours_add_up_to_days(server: ProviderServer) -> None:
    params = {"start_time": START, "end_time": START + DAY, "group_by[]": ["batch"]}
    [day] = ask(server, "/organization/usage/completions", **params)["data"]
    assert sorted((row["batch"], row["input_tokens"]) for row in day["results"]) == [
        (False, 3),
        (True, 6),
    ]
    hours = ask(server, "/organization/usage/completions", **params, bucket_width="1h")["data"]
    assert [len(hour["results"]) for hour in hours][4:8] == [0, 1, 2, 0]


def test_filters_hold(server: ProviderServer) -> None:
    page = ask(server, "/organization/costs", start_time=START, limit=1, **{"api_key_ids[]": "k2"})
    assert page["data"][0]["results"][0]["amount"]["value"] == Decimal("0.2")


def test_archived_projects_are_left_out_unless_asked_for(server: ProviderServer) -> None:
    assert [item["id"] for item in ask(server, "/organization/projects")["data"]] == ["p0", "p1"]
    page = ask(server, "/organization/projects", include_archived="true", limit=2)
    assert (page["first_id"], page["last_id"], page["has_more"]) == ("p0", "p1", True)
    rest = ask(server, "/organization/projects", include_archived="true", limit=2, after="p1")
    assert ([item["id"] for item in rest["data"]], rest["has_more"]) == (["p2"], False)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"start_time": START, "limit": 181},
        {"start_time": START, "bucket_width": "1h"},
        {"start_time": START, "group_by[]": "model"},
        {"start_time": START, "page": "2"},
    ],
)
def test_what_the_api_refuses_is_refused(server: ProviderServer, params: dict[str, Any]) -> None:
    assert "error" in ask(server, "/organization/costs", status=400, **params)


def test_wrong_keys_are_refused(server: ProviderServer) -> None:
    for url in (
        f"{server.openai_url}/organization/costs",
        f"{server.anthropic_url}/v1/organizations/cost_report",
    ):
        headers = {"Authorization": "Bearer sk-other", "x-api-key": "sk-other"}
        assert requests.get(url, headers=headers, timeout=5).status_code == 401
    versionless = requests.get(
        f"{server.anthropic_url}/v1/organizations/cost_report",
        headers={"x-api-key": ANTHROPIC_KEY},
        timeout=5,
    )
    assert versionless.status_code == 400


def test_anthropic_amounts_are_texts_and_days_end_before_ending_at(server: ProviderServer) -> None:
    params = {"starting_at": "2026-09-01T00:00:00Z", "ending_at": "2026-09-03T00:00:00Z"}
    page = ask_anthropic(server, "/v1/organizations/cost_report", **params)
    assert set(page) == {"data", "has_more", "next_page"}
    assert [bucket["ending_at"] for bucket in page["data"]] == [
        "2026-09-02T00:00:00Z",
        "2026-09-03T00:00:00Z",
    ]
    [total] = page["data"][0]["results"]
    assert (total["amount"], total["description"], total["model"]) == ("0.3", None, None)
    page = ask_anthropic(
        server, "/v1/organizations/cost_report", **params, **{"group_by[]": "description"}
    )
    assert [row["amount"] for row in page["data"][0]["results"]] == ["0.1", "0.2"]


def test_a_changed_file_is_read_again(server: ProviderServer) -> None:
    params = {"start_time": START, "end_time": START + DAY}
    write_results(server.folder, "openai/costs", {"2026-09-01": [cost("a", "k1", "7")]})
    [bucket] = ask(server, "/organization/costs", **params)["data"]
    assert bucket["results"][0]["amount"]["value"] == 7


def test_ninety_full_days_are_quick(tmp_path: Path) -> None:
    days = [datetime(2026, 6, 1, tzinfo=UTC) + timedelta(day) for day in range(90)]
    results = [cost(f"p{number % 9}", f"k{number}", "0.123456") for number in range(300)]
    write_results(tmp_path, "openai/costs", {f"{day:%Y-%m-%d}": results for day in days})
    with ProviderServer(tmp_path) as server:
        began = time.monotonic()
        page = ask(
            server,
            "/organization/costs",
            start_time=int(days[0].timestamp()),
            limit=90,
            **{"group_by[]": ["project_id", "api_key_id", "line_item"]},
        )
        took = time.monotonic() - began
    assert sum(len(bucket["results"]) for bucket in page["data"]) == 27_000
    assert took < 10
