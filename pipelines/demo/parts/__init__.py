"""The demo's further sources, a module each: it writes its files, says what is true, and answers.

A module has:

- `NAME`: its folder in the demo, and where the demo's server answers for it;
- `write(folder, window) -> Truths`: writes its records, seeded by `window.seed`; the truths are
  rows for `truths.json`: `invoices`, `teams` (as in pipelines/demo/truths.py) and `plants`;
- `overrides(folder, address) -> dict`: the settings with which Bursar loads it;
- `SEAT_PRICES`, where it has seats: rows of the organisation's seat_prices.csv; `OWNERS` and
  `SHARED_COSTS`, where it has owners and rules: rows of owners.csv and shared_costs.csv; `TEAMS`,
  `AI_SYSTEMS` and `BUDGETS` likewise, which are in no basic demo;
- `answer(folder, path, query, body)`, where it is an API: the answer, None where there is no path.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import Any

Truths = dict[str, list[dict[str, Any]]]
MERGED = ("invoices", "teams", "plants")


def parts() -> list[ModuleType]:
    """Return every part, by its name."""
    names = sorted(item.name for item in pkgutil.iter_modules(__path__))
    return [importlib.import_module(f"{__name__}.{name}") for name in names]
