"""What a setting may hold, and the one sentence for what it may not. Reads no setting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import fsspec

LAKE_PROTOCOLS = ("s3", "gs", "az")


class SettingsError(Exception):
    """A setting is missing or wrong; the message says what, where and how to mend it."""


def wrong(name: str, value: Any, expected: str) -> SettingsError:
    """Return the error for a setting of the whole run."""
    return SettingsError(f"BURSAR_{name.upper()} is {value!r}: give {expected}.")


def as_bool(value: Any, refuse: Callable[[Any], SettingsError]) -> bool:
    """Return a yes or no as people write it; raise what `refuse` makes of anything else."""
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in ("true", "1", "yes", "on"):
        return True
    if text in ("false", "0", "no", "off"):
        return False
    raise refuse(value)


def check_lake(url: str) -> None:
    """Raise SettingsError where the lake's address begins with what nothing here can read."""
    protocol, found, _ = url.partition("://")
    if not found or protocol == "file":
        return
    if protocol not in LAKE_PROTOCOLS:
        known = ", ".join(f"{name}://" for name in LAKE_PROTOCOLS)
        raise SettingsError(
            f"BURSAR_LAKE begins with '{protocol}://': give a folder or one of {known}."
        )
    try:
        fsspec.get_filesystem_class(protocol)
    except ImportError as failure:
        raise SettingsError(
            f"BURSAR_LAKE begins with '{protocol}://' and what reads it is missing "
            f"({' '.join(str(failure).split())}): install it, or give a folder."
        ) from None
