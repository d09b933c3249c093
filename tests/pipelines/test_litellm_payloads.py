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


USAGES = {
    "the Responses API": (
        {"input_tokens": 100, "output_tokens": 40,
         "input_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 10},
         "output_tokens_details": {"reasoning_tokens": 30}},
        {"cache_read": 60, "cache_write": 10, "reasoning": 30}),
    "a realtime session": (
        {"input_token_details": {"cached_tokens": 6, "audio_tokens": 50, "image_tokens": 4},
         "output_token_details": {"audio_tokens": 25}},
        {"cache_read": 6, "input_audio": 50, "input_image": 4, "output_audio": 25}),
    "OpenAI's and OpenRouter's writes to the cache": (
        {"prompt_tokens_details": {"cached_tokens": 1, "cache_write_tokens": 9}},
        {"cache_read": 1, "cache_write": 9}),
    "a word that says none beside one that knows": (
        {"cache_creation_input_tokens": 0,
         "prompt_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 9},
         "input_tokens_details": {"cached_tokens": 7}},
        {"cache_read": 7, "cache_write": 9}),
    "Alibaba's": (
        {"prompt_tokens_details": {"cached_tokens": 1, "cache_creation_input_tokens": 9,
                                   "cache_creation": {"ephemeral_5m_input_tokens": 9}}},
        {"cache_read": 1, "cache_write": 9, "cache_write_5m": 9}),
    "DeepSeek's": ({"prompt_cache_hit_tokens": 64}, {"cache_read": 64}),
    "Moonshot's": ({"cached_tokens": 12}, {"cache_read": 12}),
    "reasoning at the top": ({"reasoning_tokens": 3}, {"reasoning": 3}),
}  # fmt: skip


@pytest.mark.parametrize("name", USAGES)
@pytest.mark.parametrize("place", ["metadata", "response"])
def test_each_provider_s_own_words_are_read(
    home: Home, tmp_path: Path, name: str, place: str
) -> None:
    usage, expected = USAGES[name]
    changes = (
        {"metadata": {"usage_object": usage}, "response": None}
        if place == "metadata"
        else {"metadata": {}, "response": {"usage": usage}}
    )
    home.load(write_logs(tmp_path / "a.jsonl", payload(**changes)))
    kinds = (
        "cache_read", "cache_write", "cache_write_5m", "cache_write_1h", "reasoning",
        "input_audio", "input_image", "output_audio", "output_image",
    )  # fmt: skip
    found = home.first(", ".join(f"{kind}_tokens" for kind in kinds))
    assert {kind: count for kind, count in zip(kinds, found, strict=True) if count} == expected


def test_the_fast_mode_is_a_tier(home: Home, tmp_path: Path) -> None:
    usage = {"speed": "fast", "service_tier": "standard"}
    home.load(write_logs(tmp_path / "a.jsonl", payload(metadata={"usage_object": usage})))
    assert home.first("service_tier") == ("fast",)
