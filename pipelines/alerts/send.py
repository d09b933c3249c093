"""`bursar alerts`: tells what was not told yet, and notes each delivery before the next."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from tenacity import Retrying

from pipelines.alerts.destinations import (
    DeliveryError,
    Destination,
    deliver,
    open_destinations,
    open_retries,
)
from pipelines.alerts.events import Event, read_events
from pipelines.config import Settings, SettingsError

LOG = "alerts.jsonl"
SENT, FAILED = "sent", "failed"


def send_alerts(settings: Settings) -> dict[str, Any]:
    """Deliver every event that a destination has not had, and return what was done.

    A fault of one delivery is noted and stops no other; the next call tries it again. A destination
    that is out of order gets nothing more in this call: what was due there is skipped.
    """
    destinations = open_destinations(settings.section("alerts"))
    retries = open_retries(settings.section("alerts"))
    with _opened(settings.home / LOG) as log:
        told = _told(log)
        events = read_events(settings)
        due = [
            (event, destination)
            for event in events
            for destination in destinations
            if (event.event_id, destination.name) not in told
        ]
        done: list[dict[str, Any]] = []
        resting: set[str] = set()
        for event, destination in due:
            if destination.name in resting:
                continue
            row, may_pass = _deliver(log, event, destination, retries)
            done.append(row)
            if may_pass:
                resting.add(destination.name)
    return {
        "alerts": done,
        "summary": {
            "events": len(events),
            SENT: sum(row["state"] == SENT for row in done),
            FAILED: sum(row["state"] == FAILED for row in done),
            "skipped": len(due) - len(done),
        },
    }


def show_events(settings: Settings) -> dict[str, Any]:
    """Return what would be told, and send nothing."""
    return {
        "alerts": [
            {"event_id": event.event_id, "kind": event.kind, "title": event.title}
            for event in read_events(settings)
        ]
    }


def _deliver(
    log: IO[str], event: Event, destination: Destination, retries: Retrying
) -> tuple[dict[str, Any], bool]:
    """Send and note one event; return the note, and whether a fault of the destination may pass."""
    may_pass = False
    row: dict[str, Any] = {
        "at": datetime.now(tz=UTC).isoformat(timespec="seconds"),
        "event_id": event.event_id,
        "kind": event.kind,
        "destination": destination.name,
    }
    try:
        delivery = deliver(destination, event, retries)
        row |= {"state": SENT, "attempts": delivery.attempts}
        if delivery.refused_recipients:
            row["refused_recipients"] = delivery.refused_recipients
    except DeliveryError as failure:
        row |= {"state": FAILED, "reason": str(failure)}
        may_pass = failure.may_pass
    except Exception as failure:
        # Whatever it is, the others are to be told; its message may hold an address.
        row |= {"state": FAILED, "reason": type(failure).__name__}
    log.write(json.dumps(row) + "\n")
    log.flush()
    os.fsync(log.fileno())
    return row, may_pass


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    """Yield the log for reading and appending; raise SettingsError where another call has it."""
    with path.open("a+", encoding="utf-8") as log:
        try:
            fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsError(
                f"Another `bursar alerts` is sending from {path.parent}: wait for it."
            ) from None
        yield log


def _told(log: IO[str]) -> set[tuple[str, str]]:
    """Return who had which event; a line that a crash cut off counts as not sent."""
    log.seek(0)
    text = log.read()
    if text and not text.endswith("\n"):
        log.write("\n")
    told = set()
    for line in text.splitlines():
        try:
            row = json.loads(line)
            if row["state"] == SENT:
                told.add((row["event_id"], row["destination"]))
        except (ValueError, KeyError, TypeError):
            continue
    return told
