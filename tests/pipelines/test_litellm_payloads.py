"""StandardLoggingPayload: the same calls, as LiteLLM's S3 and GCS loggers write them."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.litellm_logs import Home, spend_log, write_logs
from tests.pipelines.samples import PERSON, sample


def payload(**changes: Any) -> dict[str, Any]:
    """Return the sample's payload with some values changed."""
    return sample("litellm")[1] | changes


def test_a_payload_is_the_call_that_a_spend_log_is(home: Home, tmp_path: Path) -> None:
    home.load(write_logs(tmp_path / "a.json", payload()))
    columns = (
        "request_id, session_id, started_at::timestamp, ended_at::timestamp, spend, prompt_tokens, "
        "completion_tokens, total_tokens, cache_read_tokens, reasoning_tokens, credential_alias, "
        "team_id, organization_id, api_base, cache_hit, request_tags, status, model"
    )
    assert home.first(columns) == (
        "chatcmpl-l2", "trace-2", datetime.fromisoformat("2026-01-24T09:20:47.5"),
        datetime.fromisoformat("2026-01-24T09:20:48.25"), Decimal("0.000225"), 110, 20, 130, 60, 5,
        "search", "team-search", "org-1", "api.openai.com", "true", '["batch"]', "success",
        "gpt-4o",
    )  # fmt: skip
    people = home.first("credential_id, user_id, end_user_id")
    assert None not in people
    assert PERSON not in people


def test_one_object_fills_a_file_as_the_loggers_write_it(home: Home, tmp_path: Path) -> None:
    (tmp_path / "time-09-20-47_chatcmpl-l2.json").write_text(json.dumps(payload()))
    (tmp_path / "time-09-20-48_chatcmpl-l3.json").write_text(json.dumps(payload(id="chatcmpl-l3")))
    report = home.load(tmp_path)
    assert (report.faults, report.records_loaded, report.units) == ([], 2, 2)


def test_both_shapes_may_stand_in_one_file(home: Home, tmp_path: Path) -> None:
    home.load(write_logs(tmp_path / "a.jsonl", spend_log("chatcmpl-1"), payload()))
    assert home.rows("request_id") == [("chatcmpl-1",), ("chatcmpl-l2",)]


def test_the_usage_in_the_metadata_goes_before_that_of_the_answer(
    home: Home, tmp_path: Path
) -> None:
    metadata = payload()["metadata"] | {
        "usage_object": {"prompt_tokens_details": {"cached_tokens": 7}}
    }
    home.load(write_logs(tmp_path / "a.jsonl", payload(metadata=metadata)))
    assert home.first("cache_read_tokens, reasoning_tokens") == (7, None)


@pytest.mark.parametrize("response", [None, "text", {"usage": None}, {"usage": "none"}, [1]])
def test_a_payload_without_usage_has_no_parts(home: Home, tmp_path: Path, response: Any) -> None:
    home.load(write_logs(tmp_path / "a.jsonl", payload(response=response)))
    assert home.first("prompt_tokens, cache_read_tokens, cache_hit") == (110, None, "true")


def test_a_payload_whose_cost_is_not_known_is_a_call(home: Home, tmp_path: Path) -> None:
    home.load(write_logs(tmp_path / "a.jsonl", payload(response_cost=None, status="failure")))
    assert home.first("request_id, spend, status") == ("chatcmpl-l2", None, "failure")


@pytest.mark.parametrize("metadata", [None, "", {}, "{}"])
def test_a_payload_without_metadata_is_nobodys(home: Home, tmp_path: Path, metadata: Any) -> None:
    home.load(write_logs(tmp_path / "a.jsonl", payload(metadata=metadata)))
    assert home.first("credential_id, user_id, team_id, prompt_tokens") == (None, None, None, 110)


def test_a_payload_without_an_id_and_one_that_is_none_are_refused(
    home: Home, tmp_path: Path
) -> None:
    unknown = payload()
    del unknown["response_cost"]
    lines = (payload(), payload(id=""), unknown, payload(id="x", metadata="no json", response=None))
    home.load(write_logs(tmp_path / "a.jsonl", *lines))
    assert home.reasons() == [
        (2, "missing_request_id"), (3, "missing_request_id"), (4, "bad_metadata"),
    ]  # fmt: skip
