"""What has to hold of commitments, whatever bills and registers say of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from decimal import Decimal

from tests.project.ledger_chain import Chain, Row
from tests.project.organisations import World

SPLIT = ("billed_cost", "consumed_quantity", "list_cost")


def commitment(row: Row) -> tuple[Hashable, ...]:
    """Return which commitment a row is of, in which currency."""
    return (
        row["service_provider_name"], row["billing_account_id"],
        row.get("commitment_discount_id") or row.get("commitment_id"), row["billing_currency"],
    )  # fmt: skip


def check_commitments(made: Chain, world: World, spread: list[Row]) -> None:
    """Hold what is billed to stay where it was, and what a commitment cost to be its parts."""
    parts = defaultdict(list)
    for row in spread:
        parts[row["origin_charge_id"]].append(row)
    assert len({row["charge_id"] for row in spread}) == len(spread)
    bought = {row["charge_id"]: row for row in made.rows("int_commitment_purchases")}
    for charge in world.charges:
        found = parts.pop(charge["charge_id"])
        assert charge["charge_id"] in {row["charge_id"] for row in found}
        for measure in SPLIT:
            amounts = [row[measure] for row in found]
            whole = charge.get(measure)
            assert (amounts == [None] * len(found)) if whole is None else (sum(amounts) == whole)
        if charge["charge_id"] in bought:
            assert charge["charge_category"] == "Purchase"
            assert [row["effective_cost"] for row in found] == [0]
        elif [row.get("commitment_discount_id") for row in found] == [None]:
            assert [row["effective_cost"] for row in found] == [charge["effective_cost"]]
    # What no bill has is what nobody used.
    rests = [row for rows in parts.values() for row in rows]
    assert all(row["billed_cost"] == 0 and row["source_name"] == "org" for row in rests)
    check_wholes(made, world, list(bought.values()), spread)


def check_wholes(made: Chain, world: World, bought: list[Row], spread: list[Row]) -> None:
    """Hold used and unused parts to sum to the purchases of each pool whose months have passed."""
    lines = [row for row in world.registers["stg_org__commitments"] if row["purchased_as"]]
    newest: dict[Hashable, int] = defaultdict(int)
    for charge in world.charges:
        account = (charge["service_provider_name"], charge["billing_account_id"])
        newest[account] = max(newest[account], number(charge))
    paid: dict[Hashable, Decimal] = defaultdict(Decimal)
    running = set()
    for row in bought:
        paid[commitment(row)] += row["billed_cost"]
        end = row["start_month"].year * 12 + row["start_month"].month + row["month_count"] - 1
        if end > newest[commitment(row)[:2]]:
            running.add(commitment(row))
    for line in lines:
        # Credits count until their last day; a month of them has no end of its own.
        key = (*(line[name] for name in KEY), line["currency"])
        last = line.get("valid_to")
        is_over = (
            last is not None and (last.year * 12 + last.month - (last.day == 1)) <= newest[key[:2]]
        )
        if line["commitment_kind"] == "prepaid_credit" and not is_over:
            running.add(key)
    # What a bill spreads itself is as the bill has it.
    own = {row["charge_id"] for row in world.charges if row.get("commitment_discount_id")}
    effective: dict[Hashable, Decimal] = defaultdict(Decimal)
    for row in spread:
        if (
            row["charge_id"] not in own
            and row["commitment_discount_id"]
            and (row["charge_category"] == "Usage")
        ):
            effective[commitment(row)] += row["effective_cost"]
            if row["commitment_discount_status"] == "Used":
                assert row["effective_cost"] >= 0
    assert set(effective) <= set(paid)
    for key, cost in paid.items():
        if key not in running:
            assert effective[key] == cost, key


KEY = ("service_provider_name", "billing_account_id", "commitment_id")


def number(charge: Row) -> int:
    """Return the month that a charge is billed in, as a number that goes up by one."""
    return charge["billing_month"].year * 12 + charge["billing_month"].month
