"""In whose books the demo company's costs are, what teams said of a statement, what is true."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from pipelines.demo.company import ACCOUNTS, ANTHROPIC, MICROSOFT, OPENAI
from pipelines.demo.fx import dollars_of_euros
from pipelines.demo.truths import Row, plain_value
from pipelines.demo.window import Window

# The company that providers invoice, and another: a team is in it, and an account is its own.
HOME, OTHER = "BE01", "NL02"
OTHER_TEAM, HOME_TEAM = "research", "support"
# Who has no company is in the books of the one that is invoiced.
COMPANIES = {OTHER_TEAM: OTHER, HOME_TEAM: HOME}
DUE = ("1490", "2490")
ACCRUAL_ACCOUNT = "2195"
DISPUTED = ("search", "1.25", "Not ours: runs of another team")
ACCEPTED_AT_ANOTHER_AMOUNT = ("support", "0.01")
CURRENCY, BY = "USD", "team lead"
# Of an invoice of Microsoft's in euro: a part paid in dollars, and one of an invoice that is none.
SETTLED, PAID, NO_INVOICE = Decimal(40), Decimal("51.75"), "G00000000"


def gl_accounts() -> list[tuple[object, ...]]:
    """Return the lines of gl_accounts.csv; nobody books estimates of Microsoft's bills."""
    booked = (ACCRUAL_ACCOUNT, HOME, *DUE, None, None)
    return [
        (None, None, None, "6450", "2190", *booked),
        (None, None, "Tax", "6459", "2190", *booked),
        (OPENAI, None, None, "6451", "2191", *booked),
        (ANTHROPIC, None, None, "6452", "2192", *booked),
        (MICROSOFT, ACCOUNTS[MICROSOFT], None, "6453", "2193", None, OTHER, *DUE, None, None),
    ]


def acceptances(window: Window) -> list[tuple[object, ...]]:
    """Return the lines of statement_acceptances.csv, of the month with most days."""
    month, said_on = window.event_month, window.end
    team, amount, reason = DISPUTED
    other, at = ACCEPTED_AT_ANOTHER_AMOUNT
    return [
        (month, team, CURRENCY, "disputed", amount, amount, None, BY, said_on, reason),
        (month, other, CURRENCY, "accepted", at, None, None, BY, said_on, None),
    ]


def invoice_payments(window: Window) -> list[tuple[object, ...]]:
    """Return the lines of invoice_payments.csv: each on the last day but one."""
    invoice, paid_on = f"G{window.event_month:%y%m}0417", window.end - timedelta(days=1)
    of = (MICROSOFT, ACCOUNTS[MICROSOFT])
    return [
        (*of, invoice, "EUR", SETTLED, paid_on, "USD", PAID, "bank"),
        (*of, NO_INVOICE, "EUR", SETTLED, paid_on, "EUR", SETTLED, None),
    ]


def payment_plants(window: Window) -> list[Row]:
    """Return what the rates made of the payment, and that nobody can tell of the other."""
    rate = dollars_of_euros(window, window.event_month.isoformat())
    difference = None if rate is None else plain_value(PAID - SETTLED * rate)
    return [
        {
            "kind": "payment_in_another_currency",
            "invoice_id": f"G{window.event_month:%y%m}0417",
            "paid_on": (window.end - timedelta(days=1)).isoformat(),
            "reporting_currency": "USD",
            "fx_difference_cost": difference,
        },
        {"kind": "payment_of_no_invoice", "invoice_id": NO_INVOICE},
    ]


def book_plants(window: Window) -> list[Row]:
    """Return what stands in whose books, and on the statements of the month with most days."""
    month = window.event_month.isoformat()
    team, amount, _ = DISPUTED
    return [
        {
            "kind": "team_of_another_company",
            "team_id": OTHER_TEAM,
            "company_id": OTHER,
            "invoiced_company_id": HOME,
            "due_from_account": DUE[0],
            "due_to_account": DUE[1],
            "billing_currency": CURRENCY,
        },
        {
            "kind": "account_of_another_company",
            "service_provider_name": MICROSOFT,
            "billing_account_id": ACCOUNTS[MICROSOFT],
            "company_id": OTHER,
            "team_id": HOME_TEAM,
            "team_company_id": HOME,
            "expense_account": "6453",
        },
        {
            "kind": "accrued_estimates",
            "accrual_account": ACCRUAL_ACCOUNT,
            "without_account": MICROSOFT,
        },
        {
            "kind": "disputed_statement",
            "billing_month": month,
            "team_id": team,
            "billing_currency": CURRENCY,
            "disputed_cost": amount,
        },
        {
            "kind": "lapsed_acceptance",
            "billing_month": month,
            "team_id": ACCEPTED_AT_ANOTHER_AMOUNT[0],
            "billing_currency": CURRENCY,
        },
        *payment_plants(window),
    ]
