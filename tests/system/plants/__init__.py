"""Checks of the demo's further sources: a module each with CHECKS, as plant_checks.py has them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
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


def part_charges(demo: Any) -> Iterator[Any]:
    """Yield the charges of every module that brings a bill, read from the demo's files alone."""
    for module in modules():
        if hasattr(module, "charges"):
            yield from module.charges(demo)
