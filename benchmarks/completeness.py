"""What days that are not yet complete still brought, on made-up loads: the models' own estimate.

`.venv/bin/python -m benchmarks.completeness` prints a table; docs/decisions/completeness.md has it.
"""

from __future__ import annotations

import random
import statistics
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import duckdb
import pyarrow as pa

from benchmarks.compiled import compile_anew, create, open_warehouse

MODELS = (
    "int_source_looks", "int_arrivals", "int_completeness_days", "source_completeness_age",
    "int_late_days",
)  # fmt: skip
SCHEMAS = {"source_completeness_age": "marts"}
FIRST, DAYS, LOOKED_FROM = date(2026, 1, 1), 150, 110
CLASSES = (
    "input_uncached", "cache_read", "cache_read_audio", "cache_read_image", "cache_write_5m",
    "cache_write_1h", "input_audio", "input_image", "input_video", "output", "reasoning",
    "output_audio", "output_image", "output_video",
)  # fmt: skip
BROKEN = range(60, 67)
WEEK = (1.0, 1.1, 1.1, 1.0, 0.9, 0.3, 0.2)


@dataclass(frozen=True)
class Made:
    """A made-up source: the part of a day that it has told by an age, and how far that strays."""

    name: str
    kind: str
    told: tuple[float, ...]
    spread: float

    def shares(self, lot: random.Random) -> list[float]:
        """Return a day's own parts by age; the last one holds for ever and is all of it."""
        return [
            share if share in (0.0, 1.0) else share + lot.uniform(-self.spread, self.spread)
            for share in self.told
        ]


SOURCES = (
    # A report whose buckets are restated for three days.
    Made("api", "usage", (0.25, 0.90, 0.98, 1.0), 0.03),
    # A log of which some machines deliver days later.
    Made("gateway", "call", (0.25, 0.95, 0.95, 0.95, 1.0), 0.02),
    # A bill that begins on the third day, and takes something back in the end.
    Made("bill", "bill", (0.0, 0.0, 0.6, 0.9, 1.0, 1.02, 1.0), 0.05),
)


@dataclass(frozen=True)
class State:
    """What one load of a source said of a day."""

    made: Made
    day: int
    age: int
    load_id: str
    quantity: int


def load_id(day: int, lot: random.Random) -> str:
    """Return the id of a load at six in the morning, or some minutes before or after."""
    moment = datetime.combine(FIRST, datetime.min.time(), UTC) + timedelta(
        days=day, hours=6, minutes=lot.uniform(-20, 20)
    )
    return f"{moment.timestamp():.4f}"


def states(seed: int) -> tuple[list[State], dict[tuple[str, int], int]]:
    """Return what every load said, and what each day came to."""
    lot = random.Random(seed)
    found, finals = [], {}
    for made in SOURCES:
        loads = {day: load_id(day, lot) for day in range(DAYS) if day not in BROKEN}
        for day in range(DAYS):
            final = int(lot.uniform(0.7, 1.3) * 1_000_000 * WEEK[day % 7])
            finals[made.name, day] = final
            shares = made.shares(lot)
            for age in range(min(len(shares) + len(BROKEN), DAYS - day)):
                if day + age in loads:
                    told = int(final * shares[min(age, len(shares) - 1)])
                    found.append(State(made, day, age, loads[day + age], told))
    return found, finals


def fill(warehouse: duckdb.DuckDBPyConnection, known: list[State]) -> None:
    """Write the tables that the models read, as they are after the loads that are known."""
    days = {day: FIRST + timedelta(days=day) for day in range(DAYS)}
    told = [
        {
            "completeness_series_id": state.made.name,
            "record_kind": state.made.kind,
            "source_name": state.made.name,
            "load_unit_id": f"{state.made.name}:{days[state.day]}",
            "_dlt_load_id": state.load_id,
            "service_provider_name": state.made.name,
            "billing_account_id": "a" if state.made.kind == "bill" else None,
            "billing_currency": "USD" if state.made.kind == "bill" else None,
            "usage_date": days[state.day],
            "quantity": Decimal(state.quantity),
        }
        for state in known
    ]
    _put(warehouse, "marts.load_unit_accounts", told)
    _put(warehouse, "intermediate.int_reported_loads", [
        row for row in told if row["record_kind"] != "call"
    ])  # fmt: skip
    newest: dict[tuple[Made, int], State] = {}
    calls = []
    for state in sorted(known, key=lambda state: state.load_id):
        last = newest.get((state.made, state.day))
        if state.made.kind == "call" and state.quantity > (last.quantity if last else 0):
            calls.append(
                {
                    "usage_date": days[state.day],
                    "source_name": state.made.name,
                    "service_provider_name": state.made.name,
                    "first_load_id": state.load_id,
                    "total_tokens": state.quantity - (last.quantity if last else 0),
                }
            )
        newest[state.made, state.day] = max(last or state, state, key=lambda one: (
            one.quantity if one.made.kind == "call" else 0, one.load_id
        ))  # fmt: skip
    _put(warehouse, "intermediate.int_call_arrivals_day", calls)
    now = [
        {
            "source_name": state.made.name,
            "service_provider_name": state.made.name,
            "usage_date": days[state.day],
            "token_class": "output",
            "consumed_quantity": Decimal(state.quantity),
            "is_of_requests": False,
            **{f"{name}_tokens": state.quantity * (name == "output") for name in CLASSES},
            "kind": state.made.kind,
        }
        for state in newest.values()
    ]
    _put(warehouse, "core.fct_provider_usage", [row for row in now if row["kind"] == "usage"])
    _put(
        warehouse, "intermediate.int_metered_usage_unreported",
        [row for row in now if row["kind"] == "call"],
    )  # fmt: skip
    _put(warehouse, "core.dim_dates", [{"calendar_date": day} for day in days.values()])


def _put(warehouse: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, object]]) -> None:
    drawn = pa.Table.from_pylist(rows)
    warehouse.register("drawn", drawn)
    create(warehouse, table, "from drawn")
    warehouse.unregister("drawn")


def errors(seed: int, compiled: dict[str, str]) -> Iterator[tuple[str, int, float, float, bool]]:
    """Yield source, age, error of what is known and of the estimate, and whether there was one."""
    every, finals = states(seed)
    warehouse = open_warehouse()
    for origin in range(LOOKED_FROM, DAYS - 10):
        known = [state for state in every if state.day + state.age <= origin]
        fill(warehouse, known)
        for name, sql in compiled.items():
            create(warehouse, f"{SCHEMAS.get(name, 'intermediate')}.{name}", sql)
        rows = warehouse.execute(
            "select service_provider_name, usage_date, remaining_ratio "
            "from build.intermediate.int_late_days"
        ).fetchall()
        ratios = {(name, (day - FIRST).days): ratio for name, day, ratio in rows}
        now = {(state.made.name, state.day): state.quantity for state in known}
        for (name, day), quantity in now.items():
            if origin - day < 7:
                final, ratio = finals[name, day], ratios.get((name, day))
                estimate = quantity * (1 + float(ratio or 0))
                yield (
                    name, origin - day, abs(quantity - final) / final,
                    abs(estimate - final) / final, ratio is not None,
                )  # fmt: skip


def main(seeds: int = 3) -> None:
    """Print the median error of what is known of a day, and of the estimate, by source and age."""
    compiled = compile_anew(*MODELS)
    found: dict[tuple[str, int], list[tuple[float, float, bool]]] = defaultdict(list)
    for seed in range(seeds):
        for name, age, known, estimated, has_estimate in errors(seed, compiled):
            found[name, age].append((known, estimated, has_estimate))
    print("| source | age in days | what is known is off by | the estimate is off by | days |")
    print("|---|---|---|---|---|")
    for (name, age), rows in sorted(found.items()):
        told = [row for row in rows if row[2]]
        known = statistics.median(row[0] for row in rows)
        estimate = f"{statistics.median(row[1] for row in told):.1%}" if told else "unknown"
        print(f"| {name} | {age} | {known:.1%} | {estimate} | {len(told)} of {len(rows)} |")


if __name__ == "__main__":
    main()
