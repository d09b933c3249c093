"""Checks of the demo's further sources: a module each with CHECKS, as plant_checks.py has them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any


def modules() -> list[ModuleType]:
    """Return every module here."""
    names = sorted(item.name for item in pkgutil.iter_modules(__path__))
    return [importlib.import_module(f"{__name__}.{name}") for name in names]


def checks() -> dict[str, Callable[[Any], None]]:
    """Return the check of every kind of plant of every module here."""
    found: dict[str, Callable[[Any], None]] = {}
    for module in modules():
        found |= module.CHECKS
    return found


def unowned_charges(folder: Path) -> Iterator[tuple[str, str, Fraction]]:
    """Yield month, currency and cost of the charges of each bill here, which nobody owns."""
    for module in modules():
        if hasattr(module, "unowned_charges"):
            yield from module.unowned_charges(folder)
