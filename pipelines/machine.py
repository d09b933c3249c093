"""What a run may take of the machine; what the machine refuses, and what to do about it."""

from __future__ import annotations

import errno
import os

THREADS = 2
MEMORY = "1GB"
# Of whoever reads a whole build, and of dbt by default: profiles.yml says the same.
BUILD_MEMORY = "1200MB"
# DuckDB's limits: of whoever works, and of whoever only reads one file and must reach no other.
WORKING = {"threads": THREADS, "memory_limit": MEMORY}
READING = {"threads": THREADS, "enable_external_access": "false"}

REMEDIES = {
    errno.ENOSPC: "make room on that disk, or move the home to a larger one, and run again",
    errno.EDQUOT: "have the disk quota raised, or move the home, and run again",
    errno.EROFS: "mount that disk for writing, or give another --home, and run again",
    errno.EACCES: "give the user of Bursar the right to it, and run again",
    errno.EPERM: "give the user of Bursar the right to it, and run again",
    errno.EMFILE: "raise the limit of open files (ulimit -n), and run again",
}


def remedy(message: str) -> str | None:
    """Return what to do where an error, of whatever library, says that the machine refused."""
    for number, what in REMEDIES.items():
        if os.strerror(number) in message:
            return f"{what}; what was committed stays."
    return None
