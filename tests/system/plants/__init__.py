"""Checks of the demo's further sources: a module each with CHECKS, as plant_checks.py has them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any


def checks() -> dict[str, Callable[[Any], None]]:
    """Return the check of every kind of plant of every module here."""
    found: dict[str, Callable[[Any], None]] = {}
    for item in pkgutil.iter_modules(__path__):
        found |= importlib.import_module(f"{__name__}.{item.name}").CHECKS
    return found
