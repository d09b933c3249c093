"""Claude Code's metrics: points of sums out of OTLP documents, of whatever writer."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.sources import claude_code_otel
from tests.api_sources import extract
from tests.pipelines.samples import sample

START = 1_778_572_800_000_000_000


def point(value: Any, *attributes: tuple[str, str], at: int = 60, **changes: Any) -> dict[str, Any]:
    """Return a data point some seconds after the start."""
    named = [{"key": key, "value": {"stringValue": text}} for key, text in attributes]
    return {
        "attributes": named, "startTimeUnixNano": str(START),
        "timeUnixNano": str(START + at * 1_000_000_000), "asInt": value, **changes,
    }  # fmt: skip


def document(
    points: list[Any], name: str = "claude_code.token.usage", temporality: Any = 2
) -> dict[str, Any]:
    """Return one export request with one sum."""
    total = {"aggregationTemporality": temporality, "isMonotonic": True, "dataPoints": points}
    scope = {"metrics": [{"name": name, "sum": total}]}
    return {"resourceMetrics": [{"resource": {"attributes": []}, "scopeMetrics": [scope]}]}


def load(folder: Path, *documents: Any) -> Any:
    """Extract documents, one a line."""
    path = folder / "metrics.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in documents))
    return extract(claude_code_otel, {"files": [str(path)]})


def test_a_point_is_kept_with_its_series_and_its_person_as_a_pseudonym(tmp_path: Path) -> None:
    rows = load(tmp_path, *sample("claude_code_otel")).tables["points"]
    assert len(rows) == 4
    row = rows[0]
    assert row["user_id"] not in (None, "ann@example.com")
    assert row["observed_at"] == datetime.fromisoformat("2026-05-12T08:01:00")
    assert (row["value"], row["point_type"], row["temporality"]) == (100, "input", "2")
    assert row["service_version"] == "2.0.1"
    # The same counter a minute later, another type of tokens, and a cost.
    assert rows[0]["series_id"] == rows[2]["series_id"] != rows[1]["series_id"]
    assert (rows[3]["metric_name"], rows[3]["value"]) == (
        "claude_code.cost.usage",
        Decimal("0.0125"),
    )


def test_a_series_is_its_attributes_in_whatever_order(tmp_path: Path) -> None:
    one, other = ("session.id", "s"), ("type", "input")
    rows = load(
        tmp_path, document([point("1", one, other)]), document([point("2", other, one, at=120)])
    ).tables["points"]
    assert len({row["series_id"] for row in rows}) == 1
    rows = load(
        tmp_path,
        document([point("1", one, other)]),
        document([point("1", one, other)], "claude_code.cost.usage"),
    ).tables["points"]
    assert len({row["series_id"] for row in rows}) == 2


def test_whole_numbers_are_texts_or_numbers_and_costs_are_doubles(tmp_path: Path) -> None:
    points = [point("42"), point(43, at=61)]
    dear = point(None, at=62, asDouble=1e-05)
    del dear["asInt"]
    rows = load(
        tmp_path, document(points), document([dear], "claude_code.cost.usage", "DELTA")
    ).tables["points"]
    assert [row["value"] for row in rows] == [42, 43, Decimal("0.00001")]


def test_other_programs_metrics_are_passed_over_uncounted(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        document([point("1")], "http.requests"),
        document([point("2")]),
        {"resourceMetrics": []},
    )
    assert [row["value"] for row in found.tables["points"]] == [2]
    [unit] = found.tables["load_units"]
    assert (unit["records_read"], unit["records_quarantined"]) == (1, 0)


def test_a_point_without_a_value_or_a_time_is_refused(tmp_path: Path) -> None:
    bare = point(None)
    timeless = point("1") | {"timeUnixNano": None}
    found = load(tmp_path, document([bare, timeless, point("1")]))
    assert sorted(row["reason"] for row in found.tables["quarantine"]) == [
        "bad_number",
        "bad_timestamp",
    ]
    assert len(found.tables["points"]) == 1


def test_a_person_without_an_address_is_known_by_the_account(tmp_path: Path) -> None:
    rows = load(
        tmp_path,
        document([point("1", ("user.account_uuid", "u-1"), ("user.id", "i-1"))]),
        document([point("1", ("user.id", "i-1"), at=61)]),
    ).tables["points"]
    assert None not in {row["user_id"] for row in rows}
    assert len({row["user_id"] for row in rows}) == 2
