"""In whose books costs are, in the demo: companies that owe each other, estimates, acceptances."""

from __future__ import annotations

from decimal import Decimal

from tests.system.plant_checks import World

SIGNED = "sum(coalesce(debit_cost, 0) - coalesce(credit_cost, 0))"


def check_team_of_another_company(world: World) -> None:
    for plant in world.plants("team_of_another_company"):
        currency, companies = plant["billing_currency"], ("invoiced_company_id", "company_id")
        owed = world.query(
            f"select billing_month::varchar as month, gl_account, {SIGNED} as cost, "
            "count(distinct document_id) as documents from journal_lines_month "
            "where entry_side = 'due_from' and company_id = ? and counterparty_company_id = ? "
            "and billing_currency = ? group by all",
            *(plant[name] for name in companies), currency,
        )  # fmt: skip
        expected = {
            row["billing_month"]: Decimal(row["billed_cost"])
            for row in world.demo.truths["teams"]
            if (row["team_id"], row["billing_currency"]) == (plant["team_id"], currency)
        }
        assert {row["gl_account"] for row in owed} == {plant["due_from_account"]}
        found = {row["month"]: row for row in owed}
        assert found.keys() == {month for month, cost in expected.items() if cost}
        for month, row in found.items():
            # Each invoice is rounded for itself.
            assert abs(row["cost"] - expected[month]) <= Decimal("0.01") * row["documents"]
        owing = world.query(
            f"select billing_month::varchar as month, gl_account, -{SIGNED} as cost "
            "from journal_lines_month where entry_side = 'due_to' and counterparty_company_id = ? "
            "and company_id = ? and billing_currency = ? group by all",
            *(plant[name] for name in companies), currency,
        )  # fmt: skip
        assert {row["gl_account"] for row in owing} == {plant["due_to_account"]}
        assert {row["month"]: row["cost"] for row in owing} == {
            month: row["cost"] for month, row in found.items()
        }


def check_account_of_another_company(world: World) -> None:
    for plant in world.plants("account_of_another_company"):
        where = plant["service_provider_name"], plant["billing_account_id"]
        [booked] = world.query(
            "select list_sort(list(distinct expense_account)) as accounts, "
            "list_sort(list(distinct invoiced_company_id)) as companies "
            "from journal_entries_month "
            "where service_provider_name = ? and billing_account_id = ?",
            *where,
        )
        assert booked["accounts"] == [plant["expense_account"]]
        assert booked["companies"] == [plant["company_id"]]
        [charged] = world.query(
            "select sum(statement_cost) as cost from team_statement_lines_month "
            "where service_provider_name = ? and billing_account_id = ? and team_id = ?",
            *where, plant["team_id"],
        )  # fmt: skip
        [owing] = world.query(
            f"select -{SIGNED} as cost from journal_lines_month where entry_side = 'due_to' "
            "and service_provider_name = ? and billing_account_id = ? and company_id = ? "
            "and counterparty_company_id = ?",
            *where, plant["team_company_id"], plant["company_id"],
        )  # fmt: skip
        assert owing["cost"] == charged["cost"] > 0


def check_accrued_estimates(world: World) -> None:
    for plant in world.plants("accrued_estimates"):
        rows = world.query(
            f"select service_provider_name as provider, billing_currency, {SIGNED} as cost, "
            "list_sort(list(distinct gl_account)) as accounts from accrual_journal_lines_month "
            "where entry_side = 'accrual' group by all"
        )
        estimates = world.query(
            "select service_provider_name as provider, billing_currency, "
            "sum(entry_cost) as cost, sum(accrued_cost) as exact, count(*) as teams "
            "from team_accruals_month where accrued_cost is not null group by all"
        )
        assert rows, "nothing is left to be billed"
        assert {account for row in rows for account in row["accounts"]} == {
            plant["accrual_account"]
        }
        assert plant["without_account"] not in {row["provider"] for row in rows}
        expected = {
            (row["provider"], row["billing_currency"]): -row["cost"]
            for row in estimates
            if row["cost"] and row["provider"] != plant["without_account"]
        }
        assert {(row["provider"], row["billing_currency"]): row["cost"] for row in rows} == expected
        for row in estimates:
            assert abs(row["cost"] - row["exact"]) <= Decimal("0.005") * row["teams"]


def _statement(world: World, plant: dict[str, str]) -> dict[str, object]:
    [row] = world.query(
        "select acceptance_state, disputed_cost from team_statements_month "
        "where billing_month = ?::date and team_id = ? and billing_currency = ?",
        plant["billing_month"], plant["team_id"], plant["billing_currency"],
    )  # fmt: skip
    return row


def check_disputed_statement(world: World) -> None:
    for plant in world.plants("disputed_statement"):
        cost = Decimal(plant["disputed_cost"])
        assert _statement(world, plant) == {"acceptance_state": "disputed", "disputed_cost": cost}


def check_lapsed_acceptance(world: World) -> None:
    for plant in world.plants("lapsed_acceptance"):
        assert _statement(world, plant) == {"acceptance_state": "lapsed", "disputed_cost": None}


def _payments(world: World, plant: dict[str, str]) -> list[dict[str, object]]:
    return world.query(
        "select paid_on::varchar as paid_on, billing_month::varchar as month, reporting_currency, "
        "fx_difference_cost as cost, problem from invoice_payments_month where invoice_id = ?",
        plant["invoice_id"],
    )


def check_payment_in_another_currency(world: World) -> None:
    for plant in world.plants("payment_in_another_currency"):
        told = plant["fx_difference_cost"]
        [row] = _payments(world, plant)
        assert row == {
            "paid_on": plant["paid_on"],
            "month": f"{plant['paid_on'][:7]}-01",
            "reporting_currency": plant["reporting_currency"],
            "cost": None if told is None else Decimal(told),
            "problem": "no_rate" if told is None else None,
        }


def check_payment_of_no_invoice(world: World) -> None:
    for plant in world.plants("payment_of_no_invoice"):
        [row] = _payments(world, plant)
        assert (row["cost"], row["problem"]) == (None, "no_invoice")


CHECKS = {
    "team_of_another_company": check_team_of_another_company,
    "account_of_another_company": check_account_of_another_company,
    "accrued_estimates": check_accrued_estimates,
    "disputed_statement": check_disputed_statement,
    "lapsed_acceptance": check_lapsed_acceptance,
    "payment_in_another_currency": check_payment_in_another_currency,
    "payment_of_no_invoice": check_payment_of_no_invoice,
}
