"""Bridge macros that models lean on most, on both engines: the same answers, to the digit."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import jinja2

from tests.system.world import ROOT

Row = tuple[Any, ...]
DIALECT = ROOT / "macros" / "dialect"
MONEY = [
    "0.000000000001", "0.000000000003", "0.000001", "0.01", "1", "2", "3", "7", "99.999999999999",
    "12345.678901234567", "99999999.999999999999", "100000000", "100000000.00005",
    "987654321.98765", "33333333333.333333333333", "99999999999.999999999999",
]  # fmt: skip
# An amount of more tokens than this times a share has more digits than there are.
LARGE_MONEY = ["9999999999999.999999999999", "987654321012345678.123456789012"]
TOKENS = [0, 1, 2, 3, 7, 999_999, 10**9 + 7, 2**53 + 1, 10**17 - 1]


# What some readers take for JSON, `^` for the quote that a text of SQL cannot hold.
QUOTED = "replace(text, '^', chr(39))"
ODD_QUOTES = ["{^team^:^a^}", '{^team^:"a"}', '{"team":^a^}', '{team:"a"}', '{"team":01}']
NOT_QUITE_JSON = [
    *ODD_QUOTES, '{"team":NaN}', '{"team":-Infinity}', '["a",nan]', '{"team":"a"} x',
    '{"team":"a"}{}', '{"team":"a",}', '{"team":["a",]}', '{"team":"a"}]', '{"team":"a"}}',
    '{"team":"a"},"x":{}', "[^a^]", '["a"] x', '["a","b"]]', '["a"],["b"]',
]  # fmt: skip
JSON_OF_TAGS = [
    ' {"team":"a, } inf"} ', '["a","b:c"]', '["a=1",2,null,[3]]', '["nan, ]"]', "[]",
    '{"infra":{"x":[1]}}', '{"team":"with ^quotes^"}',
]  # fmt: skip
# Scopes and names of applications.
WORDS = [
    "openid files.read", "b a B a", "", "one", "two  blanks ", "https://x/auth/drive Mail.Read",
    "Claude^s Calendar", " CHAT-GPT!", "Ünïcode Ärger", "*", "tl;dv",
]  # fmt: skip


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


def rate_rows() -> list[tuple[Decimal, int, int]]:
    """Return (amount, what it is divided by, how often it is taken), small and large."""
    edges = [Decimal(text) for text in ["0", *MONEY, *LARGE_MONEY]]
    amounts = edges + [-amount for amount in edges]
    quantities = [*TOKENS, 10**19 - 1, 10**15 * 10**6]
    return [
        (amount, quantity, times)
        for amount in amounts
        for quantity in quantities
        for times in (1, 1000, 10**6)
    ]


def rate_query(engine: str) -> str:
    """Return the query that divides each amount, in an engine's own dialect."""
    rate = getattr(_macros(DIALECT / "shares.sql"), f"{engine}__rate_of")
    rows = ", ".join(
        f"({number}, cast({amount:f} as decimal(38, 12)), {divisor}, {times})"
        for number, (amount, divisor, times) in enumerate(rate_rows())
    )
    rates = " ".join(
        f"when {times} then {rate('amount', 'cast(quantity as decimal(22, 0))', times)}"
        for times in (1, 1000, 10**6)
    )
    return f"""
        select number, case times {rates} end as rate
        from (values {rows}) as rates (number, amount, quantity, times) order by number
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
    rows = [(text, names[number // len(values) % len(names)]) for number, text in enumerate(texts)]
    return rows + [(text, "team") for text in ODD_QUOTES]


def json_query(engine: str) -> str:
    """Return the query that reads each member, in an engine's own dialect."""
    member = getattr(_macros(DIALECT / "json.sql"), f"{engine}__json_member")("text", "name")
    rows = ", ".join(f"({number}, '{a}', '{b}')" for number, (a, b) in enumerate(json_rows()))
    texts = f"from (values {rows}) as texts (number, text, name)"
    return f"""
        select number, {member} as value
        from (select number, {QUOTED} as text, name {texts}) as texts order by number
    """


def tag_query(engine: str) -> str:
    """Return the query that reads the tags of each text, in an engine's own dialect."""
    macros = _macros(DIALECT / "json.sql", DIALECT / "tags.sql", engine=engine)
    texts = sorted({text for text, _ in json_rows()} | {*NOT_QUITE_JSON, *JSON_OF_TAGS})
    rows = ", ".join(f"('{text}')" for text in texts)
    rows = f"(select {QUOTED} as text from (values {rows}) as texts (text)) as texts"
    entries = getattr(macros, f"{engine}__tag_entries")(rows, "text")
    return f"select * from ({entries}) as entries order by text, tag_key, tag_value"


def words_query(engine: str) -> str:
    """Return the query that takes texts apart and puts them together, in an engine's dialect."""
    macros = _macros(DIALECT / "words.sql")
    rows = ", ".join(f"({number}, '{text}')" for number, text in enumerate(WORDS))
    rows = f"(select number, {QUOTED} as text from (values {rows}) as texts (number, text))"
    words = getattr(macros, f"{engine}__words_of")(f"{rows} as texts", ["number", "text"], "text")
    plain = getattr(macros, f"{engine}__plain_words")("text")
    together = getattr(macros, f"{engine}__sorted_words")("word")
    return f"""
        select number, {plain} as plain, {together} as words, count(*) as word_count
        from ({words}) as words group by number, text order by number
    """


def differences(session: Any) -> list[tuple[Any, ...]]:
    """Return what the two engines see otherwise: arguments, DuckDB's answer, Spark's."""
    money, tokens = money_pairs(), token_pairs()
    found = _unlike(session, json_rows(), json_query)
    found += _unlike(session, rate_rows(), rate_query)
    found += _unlike(session, WORDS, words_query)
    found += _unlike(
        session, money, partial(share_query, pairs=money, data_type="decimal(38, 12)", decimals=12)
    )
    found += _unlike(
        session, tokens, partial(share_query, pairs=tokens, data_type="bigint", decimals=0)
    )
    here, there = _answers(session, tag_query)
    return found + [("tags", *row) for row in sorted(set(here) ^ set(there), key=str)]


def _unlike(
    session: Any, rows: Sequence[Any], query: Callable[[str], str]
) -> list[tuple[Any, ...]]:
    here, there = _answers(session, query)
    return [
        (row, one, other) for row, one, other in zip(rows, here, there, strict=True) if one != other
    ]


def _answers(session: Any, query: Callable[[str], str]) -> tuple[list[Row], list[Row]]:
    there = session.sql(query("spark")).toArrow().to_pylist()
    return duckdb.sql(query("duckdb")).fetchall(), [tuple(row.values()) for row in there]


def _macros(*paths: Path, engine: str = "duckdb") -> Any:
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)
    # What dbt's dispatch does, for the one bridge that another one crosses.
    bridge = (
        "{% macro json_member(json, name) %}{{ ENGINE__json_member(json, name) }}{% endmacro %}"
    )
    text = "\n".join(path.read_text() for path in paths) + bridge.replace("ENGINE", engine)
    return environment.from_string(text).module
