"""Bridge macros that models lean on most, on both engines: the same answers, to the digit."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import jinja2

from tests.system.world import ROOT

DIALECT = ROOT / "macros" / "dialect"
MONEY = [
    "0.000000000001", "0.000000000003", "0.000001", "0.01", "1", "2", "3", "7", "99.999999999999",
    "12345.678901234567", "99999999.999999999999", "100000000", "100000000.00005",
    "987654321.98765", "33333333333.333333333333", "99999999999.999999999999",
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
    module = _macros(DIALECT / "shares.sql")
    share = getattr(module, f"{engine}__share_of")("part", "whole", decimals)
    rows = ", ".join(
        f"({number}, cast({part} as {data_type}), cast({whole} as {data_type}))"
        for number, (part, whole) in enumerate(pairs)
    )
    return f"""
        with shares as (
            select number, part, {share} as share
            from (values {rows}) as pairs (number, part, whole)
        )
        select number, share, {module.times_share("part", "share")} as amount
        from shares order by number
    """


def json_rows() -> list[tuple[str, str]]:
    """Return (JSON text, member's name): odd names, every kind of value, and what is no object."""
    names = ["team", "x.y", "a b", "user:cost/centre", "grün", "o\u2019k", "a[b]", "$", "0"]
    values = ["a", "", "1", 1, 1.5, True, None, {"k": [1, "x"]}, [1, 2], " padded ", "ünï"]
    texts = [
        json.dumps({"other": "z", name: value}, ensure_ascii=False, separators=(",", ":"))
        for name in names
        for value in values
    ]
    texts += ["", "{", "abc", "[1]", "null", "{}", '{"team":"a"'] * 2
    return [(text, names[number // len(values) % len(names)]) for number, text in enumerate(texts)]


def json_query(engine: str) -> str:
    """Return the query that reads each member, in an engine's own dialect."""
    member = getattr(_macros(DIALECT / "json.sql"), f"{engine}__json_member")("text", "name")
    rows = ", ".join(f"({number}, '{a}', '{b}')" for number, (a, b) in enumerate(json_rows()))
    texts = f"(values {rows}) as texts (number, text, name)"
    return f"select number, {member} as value from {texts} order by number"


def differences(session: Any) -> list[tuple[Any, ...]]:
    """Return what the two engines see otherwise: arguments, DuckDB's answer, Spark's."""
    here = duckdb.sql(json_query("duckdb")).fetchall()
    there = session.sql(json_query("spark")).toArrow().to_pylist()
    found = [
        (row, one, tuple(other.values()))
        for row, one, other in zip(json_rows(), here, there, strict=True)
        if one != tuple(other.values())
    ]
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
