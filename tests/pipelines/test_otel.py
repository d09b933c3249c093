"""OpenTelemetry's spans: documents taken apart, names of several generations, no content."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.config import PROJECT_ROOT
from tests.litellm_logs import parquet_bytes
from tests.pipelines.samples import PERSON, SECRET, write_sample
from tests.source_home import SourceHome

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "otlp"
SEEDS = PROJECT_ROOT / "seeds" / "reference"
COUNTS = (
    "input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens, "
    "total_tokens"
)


@pytest.fixture
def home(tmp_path: Path) -> SourceHome:
    return SourceHome(tmp_path / "home", "otel", "spans")


def span(number: int = 1, **attributes: Any) -> dict[str, Any]:
    kinds = {str: "stringValue", int: "intValue", float: "doubleValue", bool: "boolValue"}
    return {
        "traceId": "5b8efff798038103d269b633813fc60c",
        "spanId": f"{number:016x}",
        "startTimeUnixNano": "1769246446847000000",
        "attributes": [
            {"key": key.replace("__", "."), "value": {kinds[type(value)]: value}}
            for key, value in attributes.items()
        ],
    }


def document(*spans: Any) -> dict[str, Any]:
    return {"resourceSpans": [{"scopeSpans": [{"spans": list(spans)}]}]}


def write(path: Path, *documents: Any, indent: int | None = None) -> Path:
    path.write_text("\n".join(json.dumps(one, indent=indent) for one in documents) + "\n")
    return path


def test_a_call_is_kept_with_its_usage_and_without_its_content(
    home: SourceHome, tmp_path: Path
) -> None:
    home.load(write_sample("otel", tmp_path / "a.jsonl"))
    columns = (
        "trace_id, span_id, parent_span_id, span_name, started_at::timestamp, status_code, "
        f"service_name, scope_name, operation_name, provider, response_model, response_id, {COUNTS}"
    )
    call, agent = home.rows(columns, order="source_line")
    assert call == (
        "5B8EFFF798038103D269B633813FC60C", "EEE19B7EC3C1B174", "EEE19B7EC3C1B173", "chat gpt-4o",
        datetime.fromisoformat("2026-01-24 09:20:46.847"), None, "shop",
        "opentelemetry.instrumentation.openai_v2", "chat", "openai", "gpt-4o-2024-08-06",
        "chatcmpl-o1", 100, 60, None, 20, 5, None,
    )  # fmt: skip
    assert (agent[5], agent[8]) == ("2", "invoke_agent")
    kept = parquet_bytes(home.folder)
    assert SECRET.encode() not in kept
    assert PERSON.encode() not in kept


@pytest.mark.parametrize(
    ("attributes", "counts"),
    [
        (
            {
                "gen_ai__usage__input_tokens": "9", "gen_ai__usage__prompt_tokens": 8,
                "gen_ai__usage__output_tokens": 2,
                "gen_ai__usage__cache_creation__input_tokens": "4",
            },
            (9, None, 4, 2, None, None),
        ),
        (
            {
                "gen_ai__usage__prompt_tokens": 9, "gen_ai__usage__completion_tokens": 2,
                "llm__usage__total_tokens": 11, "gen_ai__usage__cache_read_input_tokens": 5,
            },
            (9, 5, None, 2, None, 11),
        ),
        (
            {
                "llm__token_count__prompt": 9, "llm__token_count__completion": 2.0,
                "llm__token_count__total": 11, "llm__token_count__prompt_details__cache_read": 1,
                "llm__token_count__prompt_details__cache_write": 2,
                "llm__token_count__completion_details__reasoning": 1,
            },
            (9, 1, 2, 2, 1, 11),
        ),
        (
            {
                "gen_ai__usage__input_tokens": 9, "gen_ai__usage__output_tokens": 2,
                "gen_ai__usage__details__cache_read_tokens": 5,
                "gen_ai__usage__details__cache_write_tokens": 3,
                "gen_ai__usage__details__reasoning_tokens": 1,
            },
            (9, 5, 3, 2, 1, None),
        ),
        (
            {
                "gen_ai__usage__input_tokens": 9, "gen_ai__usage__output_tokens": 2,
                "ai__usage__cachedInputTokens": 5, "ai__usage__reasoningTokens": 1,
            },
            (9, 5, None, 2, 1, None),
        ),
        (
            {
                "gen_ai__usage__input_tokens": 9, "gen_ai__usage__output_tokens": 2,
                "ai__usage__inputTokenDetails__cacheReadTokens": 5,
                "ai__usage__inputTokenDetails__cacheWriteTokens": 3,
                "ai__usage__outputTokenDetails__reasoningTokens": 1,
            },
            (9, 5, 3, 2, 1, None),
        ),
    ],
)  # fmt: skip
def test_names_of_every_generation_are_known(
    home: SourceHome, tmp_path: Path, attributes: dict[str, Any], counts: tuple[Any, ...]
) -> None:
    home.load(write(tmp_path / "a.jsonl", document(span(**attributes))))
    assert home.rows(COUNTS) == [counts]


@pytest.mark.parametrize("name", ["gen_ai__provider__name", "gen_ai__system", "llm__system"])
def test_the_provider_is_known_by_its_former_names_too(
    home: SourceHome, tmp_path: Path, name: str
) -> None:
    home.load(write(tmp_path / "a.jsonl", document(span(**{name: "aws.bedrock"}))))
    assert home.rows("provider") == [("aws.bedrock",)]


def test_every_provider_of_the_conventions_is_one_of_the_list() -> None:
    words = (
        "openai", "anthropic", "aws.bedrock", "azure.ai.openai", "azure.ai.inference",
        "gcp.vertex_ai", "gcp.gemini", "gcp.gen_ai", "mistral_ai", "cohere", "deepseek", "groq",
        "perplexity", "x_ai", "ibm.watsonx.ai",
    )  # fmt: skip
    with (SEEDS / "service_providers.csv").open(newline="") as file:
        known = {row["provider_ref"] for row in csv.DictReader(file)}
    assert [word for word in words if word not in known] == []


def test_a_document_may_stand_over_many_lines_and_hold_many_spans(
    home: SourceHome, tmp_path: Path
) -> None:
    spans = [span(number, gen_ai__system="openai") for number in range(3)]
    path = write(tmp_path / "a.json", document(*spans[:2]), document(spans[2]), indent=2)
    report = home.load(path)
    assert (report.faults, report.records_loaded) == ([], 3)
    assert home.rows("source_line") == [(1,), (2,), (3,)]


def test_a_span_that_is_none_is_refused_and_the_others_stand(
    home: SourceHome, tmp_path: Path
) -> None:
    broken = span(2, gen_ai__usage__input_tokens="many")
    late = span(3) | {"startTimeUnixNano": "soon"}
    nobody = span(4) | {"spanId": ""}
    logs = {"resourceLogs": [{"scopeLogs": []}]}
    report = home.load(write(tmp_path / "a.jsonl", document(span(), broken, 5, late, nobody), logs))
    assert (report.records_read, report.records_loaded) == (6, 1)
    assert home.reasons() == [
        (2, "bad_number"), (3, "missing_text"), (4, "bad_timestamp"), (5, "missing_text"),
        (6, "missing_text"),
    ]  # fmt: skip


def test_lists_twice_named_keys_and_flags_do_no_harm(home: SourceHome, tmp_path: Path) -> None:
    one = span(gen_ai__usage__input_tokens=7, streamed=True, llm__cost__total=0.25)
    again = [{"key": "gen_ai.usage.input_tokens", "value": {"intValue": "8"}}]
    odd = [{"key": 5, "value": 1}, {"value": {}}, "x", {"key": "a", "value": {"kvlistValue": {}}}]
    home.load(
        write(tmp_path / "a.jsonl", document(one | {"attributes": one["attributes"] + again + odd}))
    )
    assert home.rows("input_tokens, cost_usd") == [(7, Decimal("0.25"))]


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data at {DATA}")
def test_the_example_of_the_protocol_is_read(home: SourceHome) -> None:
    report = home.load(DATA / "otlp_example_trace.json")
    assert (report.faults, report.records_loaded) == ([], 1)
    columns = "trace_id, span_name, service_name, started_at::timestamp"
    assert home.rows(columns) == [
        (
            "5B8EFFF798038103D269B633813FC60C", "I'm a server span", "my.service",
            datetime.fromisoformat("2018-12-13 14:51:00"),
        )
    ]  # fmt: skip
