"""A local HTTP server that answers as OpenAI's and Anthropic's admin APIs do, from a folder.

It serves the demo and the tests. `openai/` and `anthropic/` hold one JSON line per finest-grain
result: `{"bucket_start": "2026-09-01T00:00:00Z", "result": {...}}`, besides projects.json and
api_keys.json. Faults are put in by tests.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from pipelines.demo.parts import parts
from pipelines.demo.server_http import ANTHROPIC_KEY, OPENAI_KEY, Fault, HttpServer, Query
from pipelines.demo.server_records import (
    ENDPOINTS,
    WIDTHS,
    BadRequestError,
    Endpoint,
    Records,
    decode_cursor,
    encode_cursor,
    group,
    parse_moment,
)

PROJECTS = "/v1/organization/projects"
MOST_BUCKETS = 100_000
PARTS = "/parts/"
__all__ = ["ANTHROPIC_KEY", "OPENAI_KEY", "Fault", "ProviderServer"]


class ProviderServer:
    """Serves a folder on loopback while the context is open."""

    def __init__(
        self, folder: Path, *, faults: Iterable[Fault] | None = None, page_size: int | None = None
    ) -> None:
        """Take the folder; `page_size` caps the buckets or objects of a page."""
        self.folder, self.page_size = Path(folder), page_size
        self.faults = list(faults or ())
        self.requests: list[tuple[str, Query]] = []
        # Whether Anthropic's ending_at leaves out the bucket that ends at that very moment.
        self.ends_before = False
        self._records = {path: Records(self.folder / end.file) for path, end in ENDPOINTS.items()}
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._http = HttpServer(self)

    def __enter__(self) -> ProviderServer:
        """Start serving."""
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving, hanging requests too."""
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()

    @property
    def openai_url(self) -> str:
        """What to set as OpenAI's base_url."""
        return f"{self.anthropic_url}/v1"

    @property
    def anthropic_url(self) -> str:
        """What to set as Anthropic's base_url."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def address_of(self, part: str) -> str:
        """Return the base_url of a further source of the demo."""
        return f"{self.anthropic_url}{PARTS}{part}"

    def replace_day(self, path: str, day: date, results: list[dict[str, Any]]) -> None:
        """Restate one day of an endpoint, such as `/v1/organization/costs`; no results = empty."""
        self._records[path].replaced[datetime.combine(day, time(), tzinfo=UTC)] = results

    def withdraw_restatements(self) -> None:
        """State every day as the folder has it again."""
        for records in self._records.values():
            records.replaced.clear()

    def take_fault(self, path: str) -> Fault | None:
        """Return the fault that this request meets, and count it."""
        with self._lock:
            for fault in self.faults:
                if fault.path in path and fault.times > 0:
                    if fault.after > 0:
                        fault.after -= 1
                        return None
                    fault.times -= 1
                    return fault
        return None

    def wait(self, seconds: float) -> None:
        """Hang, but not longer than the server lives."""
        self._closing.wait(seconds)

    def answer(self, path: str, query: Query, body: Any = None) -> Any | None:
        """Return the answer to a request, None where there is no such path."""
        if path.startswith(PARTS):
            name, _, rest = path.removeprefix(PARTS).partition("/")
            part = next((one for one in parts() if name == one.NAME), None)
            if part is None or not hasattr(part, "answer"):
                return None
            return part.answer(self.folder / name, f"/{rest}", query, body)
        if path in ENDPOINTS:
            return self._answer_report(path, ENDPOINTS[path], query)
        if path == PROJECTS:
            return self._answer_projects(query)
        if path.startswith(f"{PROJECTS}/") and path.endswith("/api_keys"):
            keys = self._read("api_keys.json", {})
            project_id = path.removeprefix(f"{PROJECTS}/").removesuffix("/api_keys")
            return self._list(keys[project_id], query) if project_id in keys else None
        return None

    def _answer_report(self, path: str, endpoint: Endpoint, query: Query) -> Any:
        is_openai = path.startswith("/v1/organization/")
        width = _one(query, "bucket_width", "1d")
        if width not in endpoint.widths:
            raise BadRequestError(f"bucket_width {width!r} is not supported")
        group_by = _many(query, "group_by")
        if unknown := sorted(set(group_by) - set(endpoint.dimensions)):
            raise BadRequestError(f"group_by {unknown[0]!r} is not supported")
        limit = self._limit(query, *endpoint.widths[width])
        start, end = self._period(path, query, WIDTHS[width])
        first = decode_cursor(query["page"][0]) if "page" in query else 0
        count = _bucket_count(
            end - start, WIDTHS[width], is_openai=is_openai, ends_before=self.ends_before
        )
        last = min(count, first + limit)
        buckets = []
        for number in range(first, last):
            begin = start + number * WIDTHS[width]
            rows = [
                row
                for row in self._records[path].between(begin, begin + WIDTHS[width])
                if _matches(row, query, endpoint.dimensions)
            ]
            results = group(rows, endpoint.hidden(group_by))
            buckets.append(_bucket(begin, begin + WIDTHS[width], results, is_openai=is_openai))
        page = {"data": buckets, "has_more": last < count}
        page["next_page"] = encode_cursor(last) if last < count else None
        return {"object": "page", **page} if is_openai else page

    def _period(self, path: str, query: Query, width: timedelta) -> tuple[datetime, datetime]:
        names = (
            ("start_time", "end_time") if "/organization/" in path else ("starting_at", "ending_at")
        )
        if names[0] not in query:
            raise BadRequestError(f"{names[0]} is required")
        midnight = datetime(1970, 1, 1, tzinfo=UTC)
        start = parse_moment(query[names[0]][0])
        start = midnight + (start - midnight) // width * width
        newest = self._records[path].newest()
        end = (newest + width) if newest else start
        if names[1] in query:
            end = parse_moment(query[names[1]][0])
        if (end - start) / width > MOST_BUCKETS:
            raise BadRequestError("the period is too long")
        return start, end

    def _answer_projects(self, query: Query) -> Any:
        projects = self._read("projects.json", [])
        if _one(query, "include_archived", "false") != "true":
            projects = [project for project in projects if project.get("archived_at") is None]
        return self._list(projects, query)

    def _list(self, objects: list[dict[str, Any]], query: Query) -> Any:
        limit = self._limit(query, 20, 100)
        first = 0
        if "after" in query:
            ids = [item.get("id") for item in objects]
            if query["after"][0] not in ids:
                raise BadRequestError("after is no object of this list")
            first = ids.index(query["after"][0]) + 1
        page = objects[first : first + limit]
        return {
            "object": "list",
            "data": page,
            "first_id": page[0].get("id") if page else None,
            "last_id": page[-1].get("id") if page else None,
            "has_more": first + limit < len(objects),
        }

    def _limit(self, query: Query, default: int, most: int) -> int:
        text = _one(query, "limit", str(default))
        if not text.isdigit() or not 1 <= int(text) <= most:
            raise BadRequestError(f"limit must lie between 1 and {most}")
        return min(int(text), self.page_size or most)

    def _read(self, name: str, default: Any) -> Any:
        path = self.folder / "openai" / name
        return (
            json.loads(path.read_text(encoding="utf-8"), parse_float=str)
            if path.exists()
            else default
        )


def _bucket_count(
    period: timedelta, width: timedelta, *, is_openai: bool, ends_before: bool
) -> int:
    """Return how many buckets start before the end (OpenAI) or end by it (Anthropic)."""
    if is_openai:
        return max(0, -(-period // width))
    return max(0, (period - timedelta(microseconds=ends_before)) // width)


def _bucket(
    start: datetime, end: datetime, results: list[Any], *, is_openai: bool
) -> dict[str, Any]:
    if is_openai:
        times = {
            "object": "bucket",
            "start_time": int(start.timestamp()),
            "end_time": int(end.timestamp()),
        }
    else:
        times = {
            "starting_at": f"{start:%Y-%m-%dT%H:%M:%SZ}",
            "ending_at": f"{end:%Y-%m-%dT%H:%M:%SZ}",
        }
    return {**times, "results": results}


def _matches(row: dict[str, Any], query: Query, dimensions: Iterable[str]) -> bool:
    for name in dimensions:
        wanted = _many(query, f"{name}s") or _many(query, name)
        if wanted and json.dumps(row.get(name)).strip('"') not in wanted:
            return False
    return True


def _many(query: Query, name: str) -> list[str]:
    return [*query.get(name, []), *query.get(f"{name}[]", [])]


def _one(query: Query, name: str, default: str) -> str:
    return query.get(name, [default])[0]
