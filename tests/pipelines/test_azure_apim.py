"""API Management's logs: rows of messages are no calls, and every way that Azure exports them."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.litellm_logs import parquet_bytes
from tests.pipelines.samples import SECRET, sample, write_sample
from tests.source_home import SourceHome

COLUMNS = (
    "correlation_id, response_id, started_at::timestamp, region, deployment_name, model_name, "
    "prompt_tokens, completion_tokens, total_tokens"
)
FIRST = (
    "apim-1", "chatcmpl-a1", datetime.fromisoformat("2026-01-24 09:20:46.847"), "West Europe",
    "gpt-4o", "gpt-4o-2024-08-06", 100, 20, 120,
)  # fmt: skip
CALLER = {
    "TimeGenerated": "2026-01-24T09:20:46.900Z",
    "CorrelationId": "apim-1",
    "ApimSubscriptionId": "team-search",
    "UserId": "ann@example.com",
    "ProductId": "chat",
    "ApiId": "openai",
    "ResponseCode": 200,
    "TotalTime": 812,
    "BackendUrl": "https://user:pw@team.openai.azure.com/openai/deployments/x?api-key=sk-1",
    "RequestBody": SECRET,
}


@pytest.fixture
def home(tmp_path: Path) -> SourceHome:
    return SourceHome(tmp_path / "home", "azure_apim", "llm_logs")


def write(path: Path, *lines: Any) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def messages() -> list[dict[str, Any]]:
    """Return the rows that hold a call's messages, beside the one that holds its counts."""
    row = sample("azure_apim")[0]
    empty = {"PromptTokens": 0, "CompletionTokens": 0, "TotalTokens": 0, "DeploymentName": ""}
    return [row | empty | {"SequenceNumber": number} for number in (1, 2)]


def test_a_call_is_kept_as_the_workspace_and_as_the_storage_account_has_it(
    home: SourceHome, tmp_path: Path
) -> None:
    home.load(write_sample("azure_apim", tmp_path / "llm.jsonl"))
    assert home.rows(COLUMNS, order="correlation_id") == [
        FIRST,
        (
            "apim-2", "chatcmpl-a2", datetime.fromisoformat("2026-01-24 09:21:00"), "westeurope",
            "gpt-4o-mini", "gpt-4o-mini-2024-07-18", 10, 2, 12,
        ),
    ]  # fmt: skip


def test_the_rows_of_messages_are_passed_over(home: SourceHome, tmp_path: Path) -> None:
    prompt, answer = messages()
    no_counts = {key: value for key, value in answer.items() if not key.endswith("Tokens")}
    lines = (prompt, sample("azure_apim")[0], no_counts)
    report = home.load(write(tmp_path / "llm.jsonl", *lines))
    assert (report.records_read, report.records_loaded, report.faults) == (1, 1, [])
    assert home.rows(COLUMNS) == [FIRST]


@pytest.mark.parametrize("blank", ["", None])
def test_a_message_without_a_number_is_known_by_the_deployment_that_it_does_not_name(
    home: SourceHome, tmp_path: Path, blank: str | None
) -> None:
    names = {"SequenceNumber": None, "DeploymentName": blank, "ModelName": blank}
    rows = [message | names for message in messages()]
    refused = sample("azure_apim")[0] | {"CorrelationId": "apim-4", "SequenceNumber": None}
    refused |= {"PromptTokens": 0, "CompletionTokens": 0, "TotalTokens": 0}
    report = home.load(write(tmp_path / "llm.jsonl", sample("azure_apim")[0], *rows, refused))
    assert (report.records_read, report.faults) == (2, [])
    assert home.rows("correlation_id, total_tokens", order="correlation_id") == [
        ("apim-1", 120), ("apim-4", 0),
    ]  # fmt: skip


def test_a_row_with_counts_is_a_call_whatever_its_number(home: SourceHome, tmp_path: Path) -> None:
    row = sample("azure_apim")[0]
    unnumbered = {key: value for key, value in row.items() if key != "SequenceNumber"}
    numbered = row | {"SequenceNumber": 3, "CorrelationId": "apim-3"}
    home.load(write(tmp_path / "llm.jsonl", unnumbered, numbered))
    assert home.rows("correlation_id", order="correlation_id") == [("apim-1",), ("apim-3",)]


@pytest.mark.parametrize("named", ["TimeGenerated", "TimeGenerated [UTC]"])
def test_a_csv_of_the_portal_says_the_same(home: SourceHome, tmp_path: Path, named: str) -> None:
    rows = [*messages(), sample("azure_apim")[0]]
    texts = [
        {
            named if key == "TimeGenerated" else key: json.dumps(value)
            if isinstance(value, list)
            else value
            for key, value in row.items()
        }
        for row in rows
    ]
    with (tmp_path / "llm.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, texts[0])
        writer.writeheader()
        writer.writerows(texts)
    report = home.load(tmp_path / "llm.csv")
    assert (report.faults, report.records_read, report.records_loaded) == ([], 1, 1)
    assert home.rows(COLUMNS) == [FIRST]


def test_a_document_of_records_is_read_as_its_records(home: SourceHome, tmp_path: Path) -> None:
    (tmp_path / "PT1H.json").write_text(json.dumps({"records": sample("azure_apim")}, indent=1))
    assert home.load(tmp_path / "PT1H.json").records_loaded == 2


def test_callers_are_a_table_of_their_own(home: SourceHome, tmp_path: Path) -> None:
    properties = {"apimSubscriptionId": "team-legal", "responseCode": 429, "backendUrl": "/none"}
    exported = {
        "time": "2026-01-24T09:21:00Z",
        "correlationId": "apim-2",
        "durationMs": 31,
        "properties": properties,
    }
    report = home.load(gateway_files=str(write(tmp_path / "gateway.jsonl", CALLER, exported)))
    assert (report.faults, report.records_loaded) == ([], 2)
    columns = "correlation_id, subscription_id, product_id, response_code, total_ms, backend_host"
    assert home.rows(columns, "gateway_logs", "correlation_id") == [
        ("apim-1", "team-search", "chat", 200, Decimal(812), "team.openai.azure.com"),
        ("apim-2", "team-legal", None, 429, Decimal(31), None),
    ]
    kept = parquet_bytes(home.folder)
    for secret in (SECRET, "ann@example.com", "sk-1", "user:pw"):
        assert secret.encode() not in kept
    [(person,), (nobody,)] = home.rows("user_id", "gateway_logs", "correlation_id")
    assert (person is None, nobody) == (False, None)


def test_a_pattern_that_names_nothing_is_told_with_its_setting(home: SourceHome) -> None:
    [fault] = home.load(gateway_files=str(home.folder / "*.nothing")).faults
    assert "no file matches" in fault
    assert "`gateway_files`" in fault
