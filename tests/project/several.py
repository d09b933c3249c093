"""Several drawn organisations in one warehouse, each with years and providers of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from tests.project.ledger_chain import Row
from tests.project.organisations import Organisation, World

YEARS = 2
BEGINS = date(2025, 6, 1)
"""What is drawn lies in the two years from here."""
Step = tuple[frozenset[date], World]


def later(day: date, number: int) -> date:
    """Return a day in the years of an organisation."""
    return day.replace(year=day.year + YEARS * number)


def moved(row: Row, number: int, *, is_register: bool, is_last: bool) -> Row:
    """Return a row of an organisation in its years, with its names."""
    found = {
        name: later(value, number) if isinstance(value, date) else value
        for name, value in row.items()
    }
    if row.get("service_provider_name"):
        found["service_provider_name"] = f"{row['service_provider_name']}{number}"
    if row.get("owner_kind") == "service_provider":
        found["owner_key"] = f"{row['owner_key']}{number}"
    if "charge_id" in row:
        found["charge_id"] = f"{number} {row['charge_id']}"
    if is_register:
        # Always and for ever is so on the outside only, or it would hold for the others too.
        if number:
            found["valid_from"] = found.get("valid_from") or later(BEGINS, number)
        if not is_last:
            found["valid_to"] = found.get("valid_to") or later(BEGINS, number + 1)
    return found


def moved_world(world: World, number: int, *, is_last: bool) -> World:
    """Return the world of an organisation in its years, with its names."""

    def rows(name: str, drawn: Sequence[Row]) -> list[Row]:
        is_register = name.startswith("stg_org__") and name != "stg_org__fx_rates"
        return [moved(row, number, is_register=is_register, is_last=is_last) for row in drawn]

    return World(
        tuple(rows("int_billed_charges", world.charges)),
        {name: rows(name, drawn) for name, drawn in world.registers.items()},
        {name: rows(name, drawn) for name, drawn in world.reports.items()},
    )


def steps(organisation: Organisation, number: int, count: int, *, is_last: bool) -> list[Step]:
    """Return so many steps of an organisation; after its last one it stays as it is."""
    told: list[Step] = [(frozenset(), organisation.first), *organisation.later]
    told += [(frozenset(), told[-1][1])] * (count - len(told))
    return [
        (
            frozenset(later(month, number) for month in months),
            moved_world(world, number, is_last=is_last),
        )
        for months, world in told
    ]


def together(organisations: Sequence[Organisation]) -> list[Step]:
    """Return the months closed and the world after that, step by step, of all in one."""
    count = 1 + max(len(each.later) for each in organisations)
    lists = [
        steps(each, number, count, is_last=number == len(organisations) - 1)
        for number, each in enumerate(organisations)
    ]
    return [
        (
            frozenset().union(*(months for months, _ in step)),
            World(
                tuple(charge for _, world in step for charge in world.charges),
                joined([world.registers for _, world in step]),
                joined([world.reports for _, world in step]),
            ),
        )
        for step in zip(*lists, strict=True)
    ]


def joined(tables: list[dict[str, list[Row]]]) -> dict[str, list[Row]]:
    """Return the rows of all, by table."""
    return {name: [row for each in tables for row in each[name]] for name in tables[0]}
