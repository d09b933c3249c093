"""A usage result that lacks what its endpoint counts is refused: it must not pass for no usage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipelines.demo.server import ANTHROPIC_KEY, OPENAI_KEY, ProviderServer
from pipelines.sources import anthropic, openai
from pipelines.sources.openai.reports import MEASURES
from tests.api_sources import extract, write_results

DAY = "2026-09-01"


def lacking(whole: dict[str, Any], measures: tuple[str, ...], label: str) -> list[dict[str, Any]]:
    """Return a whole result and one that lacks each measure."""
    return [whole, *({**whole, label: name, name: None} for name in measures)]


@pytest.mark.parametrize(("endpoint", "measures"), MEASURES.items())
def test_openai_results_need_what_they_count(
    tmp_path: Path, endpoint: str, measures: tuple[str, ...]
) -> None:
    whole = {"project_id": "whole", "num_model_requests": 1, **dict.fromkeys(measures, 5)}
    results = lacking(whole, measures, "project_id")
    write_results(tmp_path, f"openai/usage_{endpoint}", {DAY: results})
    with ProviderServer(tmp_path) as server:
        found = extract(openai, {"admin_key": OPENAI_KEY, "base_url": server.openai_url})
    unit = found.unit(f"{endpoint}:{DAY}T00:00:00Z")
    assert (unit["records_loaded"], unit["records_quarantined"]) == (1, len(measures))
    assert {row["reason"] for row in found.tables["quarantine"]} == {"bad_number"}


def test_anthropic_results_need_what_they_count(tmp_path: Path) -> None:
    measures = ("uncached_input_tokens", "output_tokens")
    whole = {"api_key_id": "whole", "model": "claude", **dict.fromkeys(measures, 5)}
    results = lacking(whole, measures, "api_key_id")
    write_results(tmp_path, "anthropic/usage_report", {DAY: results})
    with ProviderServer(tmp_path) as server:
        settings = {"admin_key": ANTHROPIC_KEY, "base_url": server.anthropic_url}
        found = extract(anthropic, settings)
    unit = found.unit(f"usage_report:{DAY}T00:00:00Z")
    assert (unit["records_loaded"], unit["records_quarantined"]) == (1, 2)
    assert {row["reason"] for row in found.tables["quarantine"]} == {"bad_number"}
