"""Damage to records: what a broken or a changed writer might put in the place of any value."""

from __future__ import annotations

import copy
import json
import os
import random
from typing import Any

ODD = (
    None, "", " ", 0, -1, 1.5, 10**13, 1e300, -1e-9, True, "true", "NaN", "12", "1,5",
    "x" * 300, [], {}, [1, {"a": None}], {"a": {"b": [1]}}, "2026-13-45", "0001-01-01", 9e18,
    "\u0000", "'; drop", "{\"a\":", "\ud800",
)  # fmt: skip
ODD_TEXTS = (
    "", " ", "0", "-1", "1e400", "NaN", "1,5", "x" * 300, "2026-13-45", "0001-01-01", "9" * 60,
    "a,b", 'a"b', '"', "two\nlines", "\r", "\t", "=1+1", "'; drop", "{", '{"a":',
    "\u0000", "\ufeff",
)  # fmt: skip
# Records of each source; `BURSAR_MUTATIONS=100000 pytest tests/pipelines/test_mut*.py` = more.
MUTATIONS = int(os.environ.get("BURSAR_MUTATIONS", "1000"))


def mutated(record: Any, chance: random.Random) -> Any:
    """Return a copy with some values replaced by odd ones, keys lost, and values nested deeper."""
    found = json.loads(json.dumps(record))
    for _ in range(chance.randint(1, 3)):
        place: Any = found
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = chance.choice(keys)
            inner = place[key]
            if isinstance(inner, dict | list) and inner and chance.random() < 0.7:
                place = inner
                continue
            if isinstance(place, dict) and chance.random() < 0.2:
                del place[key]
            else:
                # A copy: a later change may go into it, and one value in itself has no text.
                place[key] = copy.deepcopy(chance.choice(ODD))
            break
    return found


def mutated_row(row: dict[str, str], chance: random.Random) -> dict[str, str]:
    """Return a table's row with some fields replaced by odd ones."""
    names = chance.choices(list(row), k=chance.randint(1, 3))
    return row | {name: chance.choice(ODD_TEXTS) for name in names}


def damaged(text: str, chance: random.Random, alphabet: str = "\"'{}[],:\\ 0ax\u0000é") -> str:
    """Return a line with a piece cut out, doubled, or replaced by other characters."""
    start = chance.randrange(len(text) + 1)
    end = min(len(text), start + chance.choice((0, 1, 1, 5, 200)))
    piece = chance.choice(("", text[start:end] * 2, chance.choice(alphabet) * chance.randint(1, 3)))
    return text[:start] + piece + text[end:]
