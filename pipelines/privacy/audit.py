"""The audit log of a home, `audit.jsonl`: who looked at persons, and how much was forgotten.

Lines are only ever added. Each has the hash of the line before, so that one which is changed or
taken out shows. Who was forgotten is in none.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import pwd
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.config import Settings, SettingsError

NAME = "audit.jsonl"


def audit_path(settings: Settings) -> Path:
    """Return where the log lies."""
    return settings.home / NAME


def note(settings: Settings, action: str, **fields: Any) -> None:
    """Add a line, and have it on the disk; raise SettingsError where that cannot be."""
    path = audit_path(settings)
    try:
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o640)
    except OSError as failure:
        raise SettingsError(
            f"{path} cannot be written ({failure.strerror}), and nothing is shown or forgotten "
            "without it: give the user of Bursar the right to write there."
        ) from None
    with os.fdopen(file, "ab+") as log:
        fcntl.flock(log, fcntl.LOCK_EX)
        log.seek(0)
        before = log.read()
        # What a full disk cut off stays as it is, and shows.
        if before and not before.endswith(b"\n"):
            log.write(b"\n")
        lines = before.splitlines()
        line = {
            "at": datetime.now(tz=UTC).isoformat(timespec="seconds"),
            "by": user_name(),
            "action": action,
            **fields,
            "previous_sha256": hashlib.sha256(lines[-1]).hexdigest() if lines else None,
        }
        log.write(json.dumps(line, ensure_ascii=True, default=str).encode() + b"\n")
        log.flush()
        os.fsync(log.fileno())


def user_name() -> str:
    """Return who runs this by what the system knows, not by what the environment says."""
    user = os.getuid()
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


def broken_line(settings: Settings) -> int | None:
    """Return the first line that does not follow the one before it; None where all do."""
    path, previous = audit_path(settings), None
    if not path.exists():
        return None
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            if json.loads(line)["previous_sha256"] != previous:
                return number
        except (ValueError, LookupError, TypeError):
            return number
        previous = hashlib.sha256(line).hexdigest()
    return None
