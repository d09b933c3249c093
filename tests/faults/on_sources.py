"""Faults of the sources: silence, floods, other schemas, restated bills, months out of order."""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.faults.company import LASTING
from tests.faults.scene import Scene
from tests.system.world import COSTS_AND_USAGE

Rows = list[dict[str, str]]
COSTS = "/v1/organization/costs"
ENDPOINTS = ("/organization/costs", "/usage/completions", "/cost_report", "/usage_report/messages")
PATIENCE = {
    f"SOURCES__{source}__{name}": value
    for source in ("OPENAI", "ANTHROPIC")
    for name, value in (
        ("REQUEST_TIMEOUT", "1"), ("REQUEST_ATTEMPTS", "2"), ("REQUEST_BACKOFF_MS", "10"),
    )
}  # fmt: skip


def _api_fault(scene: Scene, kind: str, words: str) -> str:
    endpoint = scene.random.choice(ENDPOINTS)
    # An endpoint that answered in one page is asked again: the last days always are.
    for after in range(scene.random.randrange(2), -1, -1):
        fault = scene.company.fault(kind, endpoint, after=after)
        done = scene.company.attempt("run", **PATIENCE)
        scene.company.whole.faults.clear()
        if fault.times < LASTING:
            break
    assert fault.times < LASTING, f"nobody asked {endpoint}"
    assert done.returncode == 3, done.stderr
    assert re.search(words, done.stderr), done.stderr
    assert endpoint.rsplit("/", 1)[-1] in done.stderr, done.stderr
    scene.tables = COSTS_AND_USAGE
    return done.stderr


def source_hangs(scene: Scene) -> str:
    """Let an endpoint take the question and never answer."""
    return _api_fault(scene, "hang", r"did not answer within 1 s after 2 attempts")


def source_floods(scene: Scene) -> str:
    """Let an endpoint answer without end, or a log be junk by the hundred thousand lines."""
    kind = scene.random.choice(["endless_pages", "endless_page", "junk lines", "one long line"])
    if kind.startswith("endless"):
        return _api_fault(scene, kind, r"do(es)? not end|go round in a circle")
    path = scene.company.feed / "litellm" / "2026-11-14-more.jsonl"
    if kind == "junk lines":
        path.write_text("".join(f"{scene.random.random()} junk\n" for _ in range(200_000)))
    else:
        path.write_text('{"request_id": "' + "x" * (150 << 20) + '"}\n')
    done = scene.company.attempt("run")
    assert done.returncode in (0, 3), done.stderr
    refused = scene.company.bursar("quarantine").stdout + done.stderr
    assert path.name in refused
    path.unlink()
    scene.tables = COSTS_AND_USAGE
    return f"{kind}: {done.stderr}"


def _log(scene: Scene) -> Path:
    """Return a log file that has not been loaded yet."""
    return scene.random.choice(sorted((scene.company.feed / "litellm").glob("2026-11-1[1-4]*")))


def _rewrite_log(path: Path, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    with gzip.open(path, "rt") as file:
        lines = file.readlines()
    with gzip.open(path, "wt") as file:
        for line in lines:
            try:
                file.write(json.dumps(change(json.loads(line))) + "\n")
            except json.JSONDecodeError:
                file.write(line)


def _rewrite_bill(path: Path, change: Callable[[Rows], Rows]) -> None:
    with path.open(newline="") as file:
        rows = change(list(csv.DictReader(file)))
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _renamed(row: dict[str, Any], old: str) -> dict[str, Any]:
    return {("new_" + name if name == old else name): value for name, value in row.items()}


def source_changes_its_schema(scene: Scene) -> str:
    """Add a column, rename one, or turn numbers into text; afterwards it comes as it should."""
    log = _log(scene)
    bill = scene.company.feed / "focus" / "microsoft_2026-11.csv"
    kept = {path: path.read_bytes() for path in (log, bill)}
    times = {path: path.stat() for path in kept}
    kind = scene.random.choice(["new column", "renamed column", "type flip", "api"])
    if kind == "api":
        return _api_fault(scene, "renamed", r"cannot be read|shape|quarantine|field")
    if kind == "new column":
        _rewrite_log(log, lambda row: {**row, "new_field": {"a": [1, 2]}})
        _rewrite_bill(bill, lambda rows: [{**row, "x_New": "1"} for row in rows])
    elif kind == "renamed column":
        name = scene.random.choice(["startTime", "request_id", "model"])
        _rewrite_log(log, lambda row: _renamed(row, name))
        column = scene.random.choice(["BilledCost", "ChargePeriodStart", "BillingCurrency"])
        _rewrite_bill(bill, lambda rows: [_renamed(row, column) for row in rows])
    else:
        _rewrite_log(log, lambda row: {**row, "prompt_tokens": "many", "startTime": [1]})
        _rewrite_bill(bill, lambda rows: [{**row, "BilledCost": "much"} for row in rows])
    done = scene.company.attempt("run")
    said = done.stderr + scene.company.bursar("quarantine").stdout
    if kind != "new column":
        assert done.returncode in (0, 3), done.stderr
        assert bill.name in said, said
    else:
        assert done.returncode == 0, done.stderr
    for path, content in kept.items():
        path.write_bytes(content)
        # Delivered again later, as a corrected file is.
        os.utime(path, (times[path].st_mtime + 60, times[path].st_mtime + 60))
    scene.tables = COSTS_AND_USAGE
    return f"{kind}: {done.stderr}"


def bill_restated_five_times(scene: Scene) -> str:
    """State a month's bill and a day of an API anew, again and again; the last word counts."""
    bill = scene.company.feed / "focus" / "microsoft_2026-11.csv"
    right, modified = bill.read_bytes(), bill.stat().st_mtime
    first_day = date(2026, 11, 8) + timedelta(days=scene.random.randrange(6))
    for number in range(5):
        bill.write_bytes(right)
        if number < 4:
            factor = scene.random.randrange(2, 9)
            _rewrite_bill(
                bill,
                lambda rows, factor=factor: [
                    {**row, "BilledCost": f"{factor}{index}.25"} for index, row in enumerate(rows)
                ][: scene.random.randrange(1, 30)],
            )
            result = {
                "object": "organization.costs.result", "line_item": "gpt-4o, input",
                "amount": {"value": factor, "currency": "usd"}, "project_id": None,
            }  # fmt: skip
            scene.company.whole.replace_day(COSTS, first_day, [result] * factor)
        else:
            scene.company.whole.withdraw_restatements()
        os.utime(bill, (modified + number, modified + number))
        scene.company.bursar("load")
        if scene.random.random() < 0.3:
            scene.company.bursar("build")
    scene.tables = COSTS_AND_USAGE
    return f"day {first_day}"


def months_out_of_order(scene: Scene) -> str:
    """Deliver everything to an empty home in a random order, in four loads."""
    scene.company.restore(empty=True)
    files = [
        path
        for name in ("litellm", "focus")
        for path in sorted((scene.company.feed / name).iterdir())
    ]
    aside = scene.company.folder / "aside"
    shutil.rmtree(aside, ignore_errors=True)
    for path in files:
        (aside / path.parent.name).mkdir(parents=True, exist_ok=True)
        path.rename(aside / path.parent.name / path.name)
    scene.random.shuffle(files)
    for part in range(4):
        for path in files[part::4]:
            (aside / path.parent.name / path.name).rename(path)
        done = scene.company.attempt("load")
        # A source of which nothing was delivered yet is a fault of its own.
        faults = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
        assert done.returncode == (3 if faults else 0), done.stderr
        assert all("no file matches" in fault for fault in faults), faults
        if scene.random.random() < 0.3:
            scene.company.bursar("build")
    shutil.rmtree(aside)
    scene.tables = COSTS_AND_USAGE
    return ", ".join(path.name for path in files[::4])
