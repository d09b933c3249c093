"""Fees of the organisation itself, in the demo: on statements and in the journal, in no ledger."""

from __future__ import annotations

from decimal import Decimal

from tests.system.plant_checks import World

FEE_LINES = (
    "select team_id, billing_currency, billed_cost, statement_cost from team_statement_lines_month "
    "where line_kind = 'fee' and service_name = ? and billing_month = ?::date"
)
CREDITED = (
    "select sum(credit_cost) as cost, max(cost_center_id) as center from journal_lines_month "
    "where entry_side = 'recovery' and gl_account = ? and billing_month = ?::date "
    "and billing_currency = ?"
)


def check_percentage(world: World) -> None:
    for plant in world.plants("fee_percentage"):
        month, share = plant["billing_month"], Decimal(plant["fee_percent"]) / 100
        lines = world.query(FEE_LINES, plant["fee_name"], month)
        found = {(row["team_id"], row["billing_currency"]): row["billed_cost"] for row in lines}
        assert plant["freed_team_id"] not in {team for team, _ in found}
        # In dollars no team bears tax: the truths are what the fee is of.
        expected = {
            (row["team_id"], "USD"): Decimal(row["billed_cost"]) * share
            for row in world.demo.truths["teams"]
            if (row["billing_month"], row["billing_currency"]) == (month, "USD")
            and row["team_id"] not in (plant["freed_team_id"], "unallocated")
        }
        dollars = {key: cost for key, cost in found.items() if key[1] == "USD"}
        assert dollars.keys() == expected.keys()
        # Rounded once, at the twelfth decimal, and to cents by largest remainder.
        assert all(abs(dollars[key] - expected[key]) <= Decimal("5e-13") for key in dollars)
        cents = sum(dollars.values()).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
        stated = sum(row["statement_cost"] for row in lines if row["billing_currency"] == "USD")
        [credited] = world.query(CREDITED, plant["recovery_account"], month, "USD")
        assert stated == credited["cost"] == cents
        assert credited["center"] == plant["recovery_cost_center_id"]


def check_amount(world: World) -> None:
    for plant in world.plants("fee_amount"):
        rows = world.query(
            "select team_id, billing_month::varchar as month, billing_currency, statement_cost "
            "from team_statement_lines_month where line_kind = 'fee' and service_name = ?",
            plant["fee_name"],
        )
        amount = Decimal(plant["fee_cost"])
        assert rows == [
            {
                "team_id": plant["team_id"],
                "month": plant["billing_month"],
                "billing_currency": plant["billing_currency"],
                "statement_cost": amount,
            }
        ]
        [credited] = world.query(
            CREDITED, plant["recovery_account"], plant["billing_month"], plant["billing_currency"]
        )
        assert credited == {"cost": amount, "center": None}


CHECKS = {"fee_percentage": check_percentage, "fee_amount": check_amount}
