"""Bedrock's invocation log: who called, what CloudWatch wraps, and that no content is kept."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from pathlib import Path

import pytest

from tests.pipelines.samples import sample, write_sample
from tests.source_home import SourceHome

STS, IAM, GOV = "arn:aws:sts::1", "arn:aws:iam::1", "arn:aws-us-gov:sts::1"
EVERY = "request_id, input_tokens, cache_read_tokens, cache_write_tokens, output_tokens"


@pytest.fixture
def home(tmp_path: Path) -> SourceHome:
    return SourceHome(tmp_path / "home", "bedrock_logs", "invocations")


def caller(home: SourceHome, folder: Path, arn: str | None) -> tuple[str | None, str | None]:
    """Load one call of a caller; return what is kept of it."""
    record = sample("bedrock_logs")[1] | {"identity": {"arn": arn}}
    path = folder / "caller.jsonl"
    path.write_text(json.dumps(record) + "\n")
    home.load(path)
    return home.first("caller_arn, caller_user_id")


def pseudonym(home: SourceHome, folder: Path, name: str) -> str | None:
    """Return what stands for a name, as a caller without an ARN gives it."""
    other = SourceHome(folder / "other", home.source, home.table)
    return caller(other, folder, name)[1]


def test_a_call_is_kept_with_its_counts_model_and_tags(home: SourceHome, tmp_path: Path) -> None:
    home.load(write_sample("bedrock_logs", tmp_path / "logs.jsonl"))
    columns = (
        f"{EVERY}, invoked_at::timestamp, account_id, region, inference_region, operation, "
        "response_model, error_code, request_metadata"
    )
    profile, stream, throttled = home.rows(columns)
    assert profile == (
        "aaaaaaaa-0000-4000-8000-000000000001", 2, 95500, 1200, 40,
        datetime.fromisoformat("2026-04-17 14:21:50"), "123456789012", "us-east-1", "us-west-2",
        "InvokeModel", "claude-sonnet-4-5-20250929", None, '{"team":"search"}',
    )  # fmt: skip
    assert stream[1:5] == (8, None, None, 20)
    assert throttled[1:5] == (None, None, None, None)
    assert throttled[-2:] == ("ThrottlingException", None)


@pytest.mark.parametrize(
    ("arn", "kept", "person"),
    [
        (f"{STS}:assumed-role/app/ann@example.com", f"{STS}:assumed-role/app", "ann@example.com"),
        (f"{GOV}:assumed-role/app/i-0a", f"{GOV}:assumed-role/app", "i-0a"),
        (f"{STS}:assumed-role/ann@example.com/x", None, "x"),
        (f"{STS}:federated-user/ann", None, "ann"),
        (f"{IAM}:user/division/ann", None, "ann"),
        (f"{IAM}:root", f"{IAM}:root", None),
        (f"{IAM}:role/path/app", f"{IAM}:role/path/app", None),
    ],
)
def test_the_role_stays_readable_and_its_user_becomes_a_pseudonym(
    home: SourceHome, tmp_path: Path, arn: str, kept: str | None, person: str | None
) -> None:
    caller_arn, user_id = caller(home, tmp_path, arn)
    assert caller_arn == kept
    assert user_id == (person and pseudonym(home, tmp_path, person))
    assert user_id is None or user_id not in arn


@pytest.mark.parametrize("written", ["2025-05-15T14:17:22Z", "2025-05-15 14:17:22.000000000"])
def test_a_moment_is_utc_in_either_form_and_an_account_keeps_its_zeros(
    home: SourceHome, tmp_path: Path, written: str
) -> None:
    record = sample("bedrock_logs")[1] | {"timestamp": written, "accountId": "001234567890"}
    path = tmp_path / "logs.jsonl"
    path.write_text(json.dumps(record) + "\n")
    home.load(path)
    moment = datetime.fromisoformat("2025-05-15 14:17:22")
    assert home.rows("invoked_at::timestamp, account_id") == [(moment, "001234567890")]


def test_a_key_of_bedrock_stays_readable(home: SourceHome, tmp_path: Path) -> None:
    arn = "arn:aws:iam::123456789012:user/BedrockAPIKey-1a2b"
    assert caller(home, tmp_path, arn)[0] == arn


def test_a_user_whom_the_caller_names_is_a_pseudonym_and_no_tag(
    home: SourceHome, tmp_path: Path
) -> None:
    record = sample("bedrock_logs")[1]
    path = tmp_path / "logs.jsonl"
    path.write_text(
        json.dumps(record | {"requestMetadata": {"email": "ann@example.com", "costCentre": "C1"}})
    )
    home.load(path)
    user_id, tags = home.first("stated_user_id, request_metadata")
    assert tags == '{"costCentre":"C1"}'
    assert user_id == pseudonym(home, tmp_path, "ann@example.com")


@pytest.mark.parametrize("form", ["subscription", "firehose", "filter", "single"])
def test_records_that_cloudwatch_wraps_are_taken_out(
    home: SourceHome, tmp_path: Path, form: str
) -> None:
    records = sample("bedrock_logs")
    plain = SourceHome(tmp_path / "plain", "bedrock_logs", "invocations")
    plain.load(write_sample("bedrock_logs", tmp_path / "plain.jsonl"))
    events = [
        {"id": str(number), "timestamp": 1776435710000, "message": json.dumps(record)}
        for number, record in enumerate(records)
    ]
    batch = {"messageType": "DATA_MESSAGE", "logGroup": "/bedrock", "logEvents": events}
    control = {
        "messageType": "CONTROL_MESSAGE",
        "logEvents": [{"id": "", "message": "CWL CONTROL"}],
    }
    text = {
        "subscription": json.dumps(control) + "\n" + json.dumps(batch) + "\n",
        "firehose": json.dumps(control) + json.dumps(batch),
        "filter": json.dumps({"events": events, "searchedLogStreams": []}, indent=2),
        "single": "".join(json.dumps(event) + "\n" for event in events),
    }[form]
    path = tmp_path / "logs.json.gz"
    path.write_bytes(gzip.compress(text.encode()))
    report = home.load(path)
    assert (report.faults, report.records_quarantined) == ([], 0)
    assert home.rows(EVERY) == plain.rows(EVERY)


def test_an_event_that_holds_no_record_is_refused_and_seen(
    home: SourceHome, tmp_path: Path
) -> None:
    events = [
        {"message": "{broken"},
        {"message": json.dumps(sample("bedrock_logs")[0])},
        {"id": "1"},
    ]
    path = tmp_path / "logs.json"
    path.write_text(json.dumps({"logEvents": events}))
    report = home.load(path)
    assert (report.records_read, report.records_loaded) == (3, 1)
    assert home.reasons() == [(1, "missing_text"), (3, "missing_text")]


def test_a_body_that_lies_beside_the_log_is_refused_and_not_kept(
    home: SourceHome, tmp_path: Path
) -> None:
    path = tmp_path / "aaaa_input.json.gz"
    path.write_bytes(gzip.compress(b'{"messages": [{"content": "Umbrella"}]}'))
    assert home.load(path).records_quarantined == 1
    assert home.rows() == []


def test_a_record_without_a_model_is_refused(home: SourceHome, tmp_path: Path) -> None:
    path = tmp_path / "logs.jsonl"
    path.write_text(json.dumps(sample("bedrock_logs")[0] | {"modelId": None}))
    home.load(path)
    assert home.reasons() == [(1, "missing_text")]
