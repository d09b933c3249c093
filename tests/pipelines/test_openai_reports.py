"""What each report of the OpenAI source brings: one by one, and in the specification's examples."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.demo.server import ProviderServer
from pipelines.sources import buckets
from tests.api_sources import ROOT, write_results
from tests.pipelines.test_openai import load, usage

REAL_EXAMPLES = ROOT.parent / "shared" / "data" / "openai_openapi" / "example_responses.jsonl"
# What the results of a report are called, where it is not the report's own name, and what they say.
REPORTS = {
    "embeddings": ("", {"input_tokens": 16, "num_model_requests": 2}),
    "moderations": ("", {"input_tokens": 17, "num_model_requests": 2}),
    "images": ("", {"images": 3, "num_model_requests": 2, "size": "1024x1024"}),
    "audio_speeches": ("", {"characters": 45, "num_model_requests": 2}),
    "audio_transcriptions": ("", {"seconds": 10**11, "num_model_requests": 2}),
    "vector_stores": ("", {"usage_bytes": 10**13}),
    "code_interpreter_sessions": ("", {"num_sessions": 4}),
    "file_search_calls": ("file_searches", {"num_requests": 2, "vector_store_id": "vs_1"}),
    "web_search_calls": (
        "web_searches",
        {"num_requests": 2, "num_model_requests": 9, "context_level": "low"},
    ),
}


def test_a_report_is_known_by_its_address_and_brings_what_it_counts(tmp_path: Path) -> None:
    for report, (called, says) in REPORTS.items():
        result = {"object": f"organization.usage.{called or report}.result", **says}
        write_results(tmp_path, f"openai/usage_{report}", {"2026-09-01": [result]})
    with ProviderServer(tmp_path) as server:
        result = load(server)
    assert (result.faults, result.tables["quarantine"]) == ([], [])
    rows = {row["endpoint"]: row for row in result.tables["usage"]}
    assert set(rows) == set(REPORTS)
    for report, (_, says) in REPORTS.items():
        assert {name: rows[report][name] for name in says} == says, report


def test_every_usage_report_is_grouped_as_finely_as_it_can_be(tmp_path: Path) -> None:
    with ProviderServer(tmp_path) as server:
        load(server)
        asked = {
            path.rsplit("/", 1)[1]: query for path, query in server.requests if "/usage/" in path
        }
    assert len(asked) == 10
    assert asked["completions"]["group_by[]"] == [
        "project_id",
        "user_id",
        "api_key_id",
        "model",
        "batch",
        "service_tier",
    ]
    assert asked["vector_stores"]["group_by[]"] == ["project_id"]
    assert "context_level" in asked["web_search_calls"]["group_by[]"]


@pytest.mark.skipif(not REAL_EXAMPLES.exists(), reason="../shared/data is absent: no spec examples")
def test_the_examples_of_the_specification_load(tmp_path: Path) -> None:
    answers = {
        f"/v1{record['path']}": record["response"]
        for record in map(json.loads, REAL_EXAMPLES.read_text().splitlines())
        if record["method"] == "get"
    }
    with ProviderServer(tmp_path) as server:
        server.answer = lambda path, _: (
            answers.get(  # type: ignore[method-assign]
                path.replace("proj_abc", "{project_id}"), {}
            )
            | {"has_more": False}
        )
        result = load(server, start_date="2024-11-01", now=datetime(2024, 11, 2, tzinfo=UTC))
    assert result.faults == []
    assert result.tables["quarantine"] == []
    assert [row["amount"] for row in result.tables["costs"]] == [Decimal("0.06")]
    rows = {row["endpoint"]: row for row in result.tables["usage"]}
    assert len(rows) == 10
    completions = rows["completions"]
    assert completions["input_tokens"] == (
        completions["input_cached_tokens"]
        + completions["input_cache_write_tokens"]
        + completions["input_uncached_tokens"]
    )
    assert rows["vector_stores"]["usage_bytes"] == 1024
    assert [row["api_key_name"] for row in result.tables["api_keys"]] == ["My API Key"]


def test_a_page_too_large_for_a_load_says_what_to_ask_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [f"2026-09-{day:02}" for day in range(1, 5)]
    many = [usage(project_id=f"proj_{number}") for number in range(3000)]
    write_results(tmp_path, "openai/usage_completions", dict.fromkeys(days, many))
    with ProviderServer(tmp_path) as server:
        taken = load(server, usage_page_days=1)
        limits = {query["limit"][0] for path, query in server.requests if "/usage/" in path}
        monkeypatch.setattr(buckets, "PAGE_MEMORY", "20MB")
        refused = load(server)
    assert (taken.faults, limits) == ([], {"1"})
    assert len(taken.tables["usage"]) == len(days) * len(many)
    [fault] = refused.faults
    assert fault.endswith("fewer days at once with SOURCES__OPENAI__USAGE_PAGE_DAYS=1.")
    assert "usage" not in refused.tables
