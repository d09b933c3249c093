"""The walk from rows of a table to the facts behind them, a step a table, in SQL.

A step joins the rows that are looked at with those behind them, and holds each row's figures to
what is summed there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.trace_lineage import UNIT_COLUMNS, Leg, Table

Row = dict[str, Any]


@dataclass(frozen=True)
class End:
    """A table whose rows lead to records, and which of its rows the walk came to."""

    table: Table
    rows: str
    is_weighed: bool
    is_of_persons: bool


@dataclass(frozen=True)
class Walk:
    """A connection with the build, the project's tables, and where the walk has come to."""

    build: duckdb.DuckDBPyConnection
    tables: Mapping[str, Table]
    steps: list[Row]
    ends: list[End]
    # Tables of which rows of few persons were come to, and not walked.
    kept: list[str]

    def behind(self, table: Table, rows: str, came_by: tuple[Table, ...] = ()) -> bool:
        """Walk on from the rows of a relation; return whether all figures agree."""
        if not table.legs:
            if table.is_end or "charge_id" in table.columns:
                is_of_persons = any(one.is_of_persons for one in (*came_by, table))
                self.ends.append(End(table, rows, bool(came_by), is_of_persons))
            return True
        if table.few != "false":
            [(has_few,)] = ask_rows(self.build, f"select bool_or({table.few}) from {rows}")
            self.kept.extend([table.name] if has_few else [])
        joined = [self._join(table, leg, rows) for leg in table.legs]
        agrees = True
        for of in dict.fromkeys(leg.of for leg in table.legs):
            own = [(leg, at) for leg, at in zip(table.legs, joined, strict=True) if leg.of == of]
            agrees = self._holds(rows, of, own) and agrees
        for leg, at in zip(table.legs, joined, strict=True):
            facts = self._next(at)
            step = self._step(table, leg, at)
            if step["fact_rows"]:
                self.steps.append(step)
                on = self.behind(self.tables[leg.facts], facts, (*came_by, table))
                agrees = on and agrees
        return agrees

    def columns(self, relation: str) -> list[str]:
        """Return the columns of a relation as the build has it."""
        return [name for name, *_ in ask_rows(self.build, f"describe {relation}")]

    def _join(self, table: Table, leg: Leg, rows: str) -> str:
        """Join rows with those behind them; return the relation: a row a pair."""
        relation = self.tables[leg.facts].relation
        there, here = self.columns(relation), self.columns(rows)
        keys = {name: name for name in table.grain if name in there} | dict(leg.keys)
        told = {name: there for name, there in keys.items() if there is not None and name in here}
        texts = [f"cast({sql} as varchar) as _key_{n}" for n, sql in enumerate(told.values())]
        sums = [f"{sql} as _figure_{name}" for name, (_, sql) in leg.figures.items()]
        extra = "".join(f", {one}" for one in [*texts, *sums])
        tests = [_same(name, f"keyed._key_{n}") for n, name in enumerate(told)]
        if not tests:
            raise ValueError(f"{table.name} and {leg.facts} have no key in common")
        at = f"pairs_{self._number()}"
        self.build.execute(
            f"create temp table {at} as "
            f"with looked as (select * from {rows} where ({leg.of})), "
            f"keyed as (select facts.*, row_number() over () as _fact{extra} "
            f"from {relation} as facts where ({leg.where})) "
            "select looked._row as _looked_row, keyed.* "
            f"from looked inner join keyed on {' and '.join(tests)}"
        )
        return at

    def _next(self, at: str) -> str:
        """Make the facts of a join the rows that are looked at next, each once."""
        columns = self.columns(at)
        own = [
            f'"{name}"' for name in columns if not name.startswith("_") or name == "_dlt_load_id"
        ]
        first = next((name for name in columns if name.startswith("_figure_")), "null")
        facts = f"facts_{self._number()}"
        self.build.execute(
            f"create temp table {facts} as select {', '.join(own)}, _fact as _row, "
            f"{first} as traced_amount from {at} "
            "qualify row_number() over (partition by _fact order by _looked_row) = 1"
        )
        return facts

    def _step(self, table: Table, leg: Leg, at: str) -> Row:
        sums = "".join(f", sum(_figure_{name}) as {name}" for name in leg.figures)
        [row] = ask(self.build, f"select count(distinct _fact) as fact_rows{sums} from {at}")
        return {"behind": table.name, "facts": leg.facts, **row}

    def _holds(self, rows: str, of: str, legs: list[tuple[Leg, str]]) -> bool:
        """Return whether each row's figures are what is summed behind it."""
        figures = {name: own for leg, _ in legs for name, (own, _) in leg.figures.items()}
        for name, own in figures.items():
            pairs = " union all ".join(
                f"select _looked_row, _figure_{name} as amount from {at}"
                for leg, at in legs
                if name in leg.figures
            )
            [(different,)] = ask_rows(
                self.build,
                f"with totals as (select _looked_row, sum(amount) as amount from ({pairs}) "
                "group by _looked_row) "
                f"select count(*) from {rows} as looked "
                "left join totals on looked._row = totals._looked_row "
                f"where ({of}) and coalesce({own}, 0) <> coalesce(totals.amount, 0)",
            )
            if different:
                return False
        return True

    def _number(self) -> int:
        [(count,)] = ask_rows(self.build, "select count(*) from duckdb_tables() where temporary")
        return count


def _same(name: str, key: str) -> str:
    """Return SQL for whether a looked-at row has a key; of files named after persons, its hash."""
    own = f'cast(looked."{name}" as varchar)'
    if name in UNIT_COLUMNS:
        return f"({own} is not distinct from {key} or {own} = md5({key}))"
    return f"{own} is not distinct from {key}"


def ask(
    connection: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, Any] | None = None
) -> list[Row]:
    """Return a query's rows by column."""
    cursor = connection.execute(query, values or None)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def ask_rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    """Return a query's rows."""
    return connection.execute(query).fetchall()


def heaviest(walk: Walk, limit: int) -> list[tuple[End, Row]]:
    """Return the facts that weigh most, of each end in turn."""
    found: list[tuple[int, Any, End, Row]] = []
    for end in walk.ends:
        order = "abs(traced_amount) desc nulls last" if end.is_weighed else "_row"
        units = [name for name in UNIT_COLUMNS if name in walk.columns(end.rows)]
        told = " or ".join(f"{name} is not null" for name in units) or "true"
        shown = ask(
            walk.build,
            f"select * from {end.rows} where {told} order by {order}, _row limit {limit}",
        )
        for place, row in enumerate(shown):
            amount = row.pop("traced_amount", None)
            row.pop("_row")
            weight = abs(amount) if amount is not None else 0
            found.append((place, -weight, end, row | {"traced_amount": amount}))
    found.sort(key=lambda one: one[:2])
    return [(end, row) for _, _, end, row in found[: max(limit, len(walk.ends))]]
