"""What the local provider server knows of the reports: grouping, buckets and pages, exactly.

Numbers stay decimals from the file to the answer; nothing passes through a float.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

WIDTHS = {"1m": timedelta(minutes=1), "1h": timedelta(hours=1), "1d": timedelta(days=1)}
USAGE_LIMITS = {"1m": (60, 1440), "1h": (24, 168), "1d": (7, 31)}
_NUMBER = re.compile(r'"\\u0001(.*?)\\u0001"')
_BY_DESCRIPTION = (
    "cost_type",
    "model",
    "service_tier",
    "context_window",
    "token_type",
    "inference_geo",
)
_BY_MODEL = ("project_id", "user_id", "api_key_id", "model")


class BadRequestError(Exception):
    """The request is one the real API would answer with 400."""


@dataclass(frozen=True)
class Endpoint:
    """One report endpoint: its file, what it may be grouped by, its widths, limits and measures."""

    file: str
    dimensions: tuple[str, ...]
    widths: Mapping[str, tuple[int, int]]
    implied: Mapping[str, tuple[str, ...]]
    """Fields that are shown only when a dimension is grouped by."""

    def hidden(self, group_by: Sequence[str]) -> list[str]:
        """Return the fields that are null under this grouping."""
        shown = {*group_by, *(field for name in group_by for field in self.implied.get(name, ()))}
        every = {*self.dimensions, *(field for fields in self.implied.values() for field in fields)}
        return sorted(every - shown)


def _openai(file: str, *dimensions: str) -> Endpoint:
    return Endpoint(f"openai/usage_{file}.jsonl", dimensions, USAGE_LIMITS, {})


ENDPOINTS = {
    "/v1/organization/costs": Endpoint(
        "openai/costs.jsonl",
        ("project_id", "line_item", "api_key_id"),
        {"1d": (7, 180)},
        {"line_item": ("quantity", "quantity_unit")},
    ),
    **{
        f"/v1/organization/usage/{name}": _openai(name, *dimensions)
        for name, dimensions in {
            "completions": (*_BY_MODEL, "batch", "service_tier"),
            "embeddings": _BY_MODEL,
            "moderations": _BY_MODEL,
            "images": (*_BY_MODEL, "size", "source"),
            "audio_speeches": _BY_MODEL,
            "audio_transcriptions": _BY_MODEL,
            "vector_stores": ("project_id",),
            "code_interpreter_sessions": ("project_id",),
            "file_search_calls": ("project_id", "user_id", "api_key_id", "vector_store_id"),
            "web_search_calls": (*_BY_MODEL, "context_level"),
        }.items()
    },
    "/v1/organizations/cost_report": Endpoint(
        "anthropic/cost_report.jsonl",
        ("workspace_id", "description"),
        {"1d": (7, 31)},
        {"description": _BY_DESCRIPTION},
    ),
    "/v1/organizations/usage_report/messages": Endpoint(
        "anthropic/usage_report.jsonl",
        (
            "api_key_id",
            "workspace_id",
            "model",
            "service_tier",
            "context_window",
            "inference_geo",
            "speed",
            "account_id",
            "service_account_id",
        ),
        USAGE_LIMITS,
        {},
    ),
}


def render(answer: Any) -> bytes:
    """Return JSON with decimals written out in full."""
    text = json.dumps(answer, default=lambda number: f"\x01{number:f}\x01")
    return _NUMBER.sub(r"\1", text).encode()


def parse_moment(text: str) -> datetime:
    """Return a moment given as RFC 3339 or Unix seconds; raise BadRequestError."""
    try:
        if re.fullmatch(r"[0-9]+", text):
            return datetime.fromtimestamp(int(text), tz=UTC)
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRequestError(f"{text!r} is no time") from None


class Records:
    """The finest-grain results of one file by bucket, read again when the file changes."""

    def __init__(self, path: Path) -> None:
        """Take the file; one that is not there is a report without results."""
        self.path = path
        self.replaced: dict[datetime, list[dict[str, Any]]] = {}
        self._buckets: dict[datetime, list[dict[str, Any]]] = {}
        self._stamp: tuple[int, int] | None = None

    def between(self, start: datetime, end: datetime) -> list[dict[str, Any]]:
        """Return the results from `start` to `end`, end exclusive."""
        self._refresh()
        day = start.replace(hour=0, minute=0, second=0)
        if day in self.replaced:
            return self.replaced[day] if start == day else []
        return [row for moment in self._moments(start, end) for row in self._buckets[moment]]

    def newest(self) -> datetime | None:
        """Return the newest bucket's start."""
        self._refresh()
        return max(self._buckets, default=None)

    def _moments(self, start: datetime, end: datetime) -> list[datetime]:
        if end - start <= timedelta(hours=1):
            return [start] if start in self._buckets else []
        hours = (start + timedelta(hours=hour) for hour in range(24))
        return [moment for moment in hours if moment in self._buckets]

    def _refresh(self) -> None:
        if not self.path.exists():
            self._buckets = {}
            return
        status = self.path.stat()
        if self._stamp == (status.st_mtime_ns, status.st_size):
            return
        self._stamp = (status.st_mtime_ns, status.st_size)
        self._buckets = {}
        with self.path.open(encoding="utf-8") as lines:
            for line in filter(str.strip, lines):
                record = json.loads(line, parse_float=Decimal)
                moment = parse_moment(record["bucket_start"])
                self._buckets.setdefault(moment, []).append(record["result"])


def group(rows: Iterable[dict[str, Any]], hidden: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rows with hidden fields null, those alike added up."""
    groups: dict[str, dict[str, Any]] = {}
    for row in rows:
        shown = {name: None if name in hidden else value for name, value in row.items()}
        key = json.dumps(_labels(shown), sort_keys=True)
        groups[key] = _add(groups[key], shown) if key in groups else shown
    return list(groups.values())


def _labels(record: dict[str, Any]) -> dict[str, Any]:
    """Return what tells records apart: all that is no measure, and which measures there are."""
    return {
        name: _labels(value)
        if isinstance(value, dict)
        else "+"
        if _is_measure(name, value)
        else value
        for name, value in record.items()
    }


def _is_measure(name: str, value: Any) -> bool:
    if name in ("amount", "value") and isinstance(value, str):
        return re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value) is not None
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _add(left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    total = dict(left)
    for name, value in right.items():
        if isinstance(value, dict):
            total[name] = _add(left[name], value)
        elif _is_measure(name, value):
            added = Decimal(left[name]) + Decimal(value)
            total[name] = f"{added:f}" if isinstance(value, str) else added
    return total


def encode_cursor(position: int) -> str:
    """Return an opaque cursor."""
    return "page_" + base64.urlsafe_b64encode(f"bucket {position}".encode()).decode()


def decode_cursor(cursor: str) -> int:
    """Return a cursor's position; raise BadRequestError."""
    try:
        return int(base64.urlsafe_b64decode(cursor.removeprefix("page_")).split()[1])
    except (ValueError, IndexError):
        raise BadRequestError("page is no cursor of this list") from None
