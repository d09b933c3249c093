"""What the machine itself refuses, a full disk above all, and what to do about it."""

from __future__ import annotations

import errno
import os

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
