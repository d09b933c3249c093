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

from pipelines.alerts.destinations import DeliveryError, Destination, deliver, open_destinations
from pipelines.alerts.events import Event, read_events
from pipelines.config import Settings, SettingsError

LOG = "alerts.jsonl"
SENT, FAILED = "sent", "failed"


def send_alerts(settings: Settings) -> dict[str, Any]:
    """Deliver every event that a destination has not had, and return what was done.

    A fault of one delivery is noted and stops no other; the next call tries it again.
    """
    destinations = open_destinations(settings.section("alerts"))
    with _opened(settings.home / LOG) as log:
        told = _told(log)
        events = read_events(settings)
        due = [
            (event, destination)
            for event in events
            for destination in destinations
            if (event.event_id, destination.name) not in told
        ]
        done = [_deliver(settings, log, event, destination) for event, destination in due]
    return {
        "alerts": done,
        "summary": {
            "events": len(events),
            SENT: sum(row["state"] == SENT for row in done),
            FAILED: sum(row["state"] == FAILED for row in done),
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
    settings: Settings, log: IO[str], event: Event, destination: Destination
) -> dict[str, Any]:
    row = {
        "at": datetime.now(tz=UTC).isoformat(timespec="seconds"),
        "event_id": event.event_id,
        "kind": event.kind,
        "destination": destination.name,
    }
    try:
        delivery = deliver(destination, event, settings.section("alerts"))
        row |= {"state": SENT, "attempts": delivery.attempts}
        if delivery.refused_recipients:
            row["refused_recipients"] = delivery.refused_recipients
    except DeliveryError as failure:
        row |= {"state": FAILED, "reason": str(failure)}
    log.write(json.dumps(row) + "\n")
    log.flush()
    os.fsync(log.fileno())
    return row


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
