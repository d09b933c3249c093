"""The arithmetic of shares on both engines: the same digits for edge and random values."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import jinja2

from tests.system.world import ROOT

SHARES = ROOT / "macros" / "dialect" / "shares.sql"
MONEY = [
    "0.000000000001", "0.000000000003", "0.000001", "0.01", "1", "2", "3", "7", "99.999999999999",
    "12345.678901234567", "99999999.999999999999", "100000000", "100000000.00005", "987654321.98765",
    "33333333333.333333333333", "99999999999.999999999999",
]  # fmt: skip
# An amount of more tokens than this times a share has more digits than there are.
TOKENS = [0, 1, 2, 3, 7, 999_999, 10**9 + 7, 2**53 + 1, 10**17 - 1]


def money_pairs() -> list[tuple[Decimal, Decimal]]:
    """Return parts of wholes: every edge in every edge, negatives, nothing, and random ones."""
    chance = random.Random(11)
    edges = [Decimal(text) for text in MONEY]
    pairs = [(part, whole) for whole in edges for part in edges if part <= whole]
    pairs += [(-part, whole) for part, whole in pairs] + [(part, -whole) for part, whole in pairs]
    pairs += [(Decimal(0), Decimal(1)), (Decimal(1), Decimal(0))]
    for digits in range(1, 24):
        for _ in range(20):
            whole = Decimal(chance.randint(1, 10**digits)).scaleb(-12)
            pairs.append((whole * chance.randint(0, 10**6) / 10**6, whole))
    return [(part.quantize(Decimal("1e-12")), whole) for part, whole in pairs]


def token_pairs() -> list[tuple[int, int]]:
    """Return token counts within totals."""
    return [(part, whole) for whole in TOKENS for part in TOKENS if part <= whole]


def share_query(engine: str, pairs: list[tuple[Any, Any]], data_type: str, decimals: int) -> str:
    """Return the query that shares out an amount by each pair, in an engine's own dialect."""
    module = _macros(SHARES)
    share = getattr(module, f"{engine}__share_of")("part", "whole", decimals)
    rows = ", ".join(
        f"({number}, cast({part} as {data_type}), cast({whole} as {data_type}))"
        for number, (part, whole) in enumerate(pairs)
    )
    return f"""
        with shares as (
            select number, part, {share} as share from (values {rows}) as pairs (number, part, whole)
        )
        select number, share, {module.times_share("part", "share")} as amount
        from shares order by number
    """


def differences(session: Any) -> list[tuple[Any, ...]]:
    """Return what the two engines see otherwise: pair, DuckDB's answer, Spark's."""
    found = []
    for pairs, data_type, decimals in (
        (money_pairs(), "decimal(38, 12)", 12),
        (token_pairs(), "bigint", 0),
    ):
        here = duckdb.sql(share_query("duckdb", pairs, data_type, decimals)).fetchall()
        there = session.sql(share_query("spark", pairs, data_type, decimals)).toArrow().to_pylist()
        assert len(here) == len(there) == len(pairs)
        found += [
            (pair, one, tuple(other.values()))
            for pair, one, other in zip(pairs, here, there, strict=True)
            if one != tuple(other.values())
        ]
    return found


def _macros(path: Path) -> Any:
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)
    return environment.from_string(path.read_text()).module
