"""Words, months and amounts as people read them; texts that no spreadsheet takes for a formula."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

# What makes Excel, LibreOffice and Google Sheets take a cell for a formula, or cut a cell in two;
# the full-width signs are taken for the narrow ones under East Asian locales.
FORMULA_SIGNS = "=+@|%\uff1d\uff0b\uff0d\uff20-"
FORMULA_STARTS = (*FORMULA_SIGNS, "\t", "\r", "\n")
# A program whose locale separates by another sign cuts there, and the rest begins a cell. All that
# may stand between is one run, found once however long it is.
CUT = re.compile(rf'([;,\t\r\n][\s\ufeff";,]*)([{FORMULA_SIGNS}])?')
NUMBER = re.compile(r"[-+]?[0-9]+([.,][0-9]+)?")
# Signs that no XML document holds; some programs end a text at them.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")

NOTHING, MINUS = "\N{EN DASH}", "\N{MINUS SIGN}"
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

KINDS = {
    "usage": "Usage",
    "purchase": "Purchases",
    "shared": "Shared cost",
    "adjustment": "Adjustments",
    "credit": "Credits",
    "tax": "Tax",
    "fee": "Fees",
}
QUESTIONS = {
    "risen": "It rose by a fifth or more: is the work worth it, or does something run in a loop?",
    "new": "It is new this month: who began to use it, and what for?",
    "above_list": "It is billed above the list price: does the contract say so?",
    "shared": "It is a shared cost: does the rule still fit what the team uses of it?",
    "spread": "It was spread by the gateway's mix, not by key: which keys are behind it?",
    "adjustment": "It corrects an earlier month: which bill did the provider restate, and why?",
    "unallocated": "Nobody owns it: whose key or project is it?",
}
ACCEPTANCES = {
    "open": "open",
    "accepted": "accepted",
    "disputed": "disputed",
    "resolved": "settled",
    "lapsed": "lapsed",
}
METHODS = {
    "usage": "use of its keys",
    "usage_any_tier": "use of its keys, any tier",
    "gateway": "the gateway's mix",
    "owner": "owner",
    "shared_proportional": "shared by use",
    "shared_proportional_tokens": "shared by tokens",
    "shared_proportional_requests": "shared by requests",
    "shared_tiered": "shared by tiers of use",
    "shared_tiered_tokens": "shared by tiers of tokens",
    "shared_tiered_requests": "shared by tiers of requests",
    "shared_even": "shared evenly",
    "shared_fixed": "shared by fixed parts",
    "unallocated": "no owner",
    "fee": "beyond the invoices",
}


def csv_text(text: str) -> str:
    """Return a text for CSV: an apostrophe before what a spreadsheet would run as a formula."""
    clean = CUT.sub(lambda cut: f"{cut[1]}'{cut[2]}" if cut[2] else cut[1], CONTROL.sub("", text))
    # A number is one in every program; an id such as -4471 stays what it is.
    if clean.lstrip(" \ufeff\xa0\u3000").startswith(FORMULA_STARTS) and not NUMBER.fullmatch(clean):
        return f"'{clean}"
    return clean


def plain_text(value: Any) -> str:
    """Return a text without signs that documents cannot hold; an unknown value is empty."""
    return "" if value is None else CONTROL.sub("", str(value))


# By what invoice_payments_month says of a payment.
PAYMENT_PROBLEMS = {"no_invoice": "no bill has it", "no_rate": "no rate is known"}


def amount_text(amount: Decimal | None, digits: int) -> str:
    """Return an amount with thousands apart and the currency's digits; nothing is a dash."""
    return NOTHING if amount is None else f"{amount:,.{digits}f}".replace("-", MINUS)


def month_text(month: date) -> str:
    """Return `October 2026`, the same under every locale."""
    return f"{MONTHS[month.month - 1]} {month.year}"


CAUSES = {
    "late_charge": "billed after it was closed",
    "restated_charge": "billed at another amount since",
    "withdrawn_charge": "billed no more",
    "reallocated": "shared out otherwise since",
}


def method_text(method: str, rule: str) -> str:
    """Return how a line came to its team."""
    if rule == "unallocated":
        return METHODS["unallocated"]
    known = METHODS.get(method, method.replace("_", " "))
    return known if rule in (method, "") else f"{known} ({rule.replace('_', ' ')})"


def acceptance_text(head: dict[str, Any]) -> str:
    """Return what its team said of a statement: who, when, of how much, and why."""
    state, digits = head["acceptance_state"], head["minor_unit_digits"]
    if state not in ACCEPTANCES:
        return "not told"
    if state == "open":
        return "open: its team has not said anything of it"
    said = f"{ACCEPTANCES[state]} by {head['acceptance_decided_by']}"
    if state == "lapsed":
        decided = amount_text(head["decided_statement_cost"], digits)
        said = f"lapsed: {head['acceptance_decided_by']} agreed to {decided}, another amount,"
    said += f" on {head['acceptance_decided_on']:%Y-%m-%d}"
    if state == "disputed":
        said += f": {amount_text(head['disputed_cost'], digits)}"
        said += f" of {head['disputed_service_name']}" if head["disputed_service_name"] else ""
    return plain_text(f"{said}. {head['acceptance_reason'] or ''}".strip())


def line_method_text(line: dict[str, Any]) -> str:
    """Return the same of a statement's line, and which closed month it corrects, and why."""
    method = method_text(line["allocation_method"], line["allocation_rule"])
    if not (cause := line.get("adjustment_cause")):
        return method
    return f"{line['origin_billing_month']:%Y-%m} corrected: {CAUSES[cause]}; {method}"


def project_text(line: dict[str, Any]) -> str:
    """Return the project of a line, and the AI system that it is of."""
    project = line["sub_account_name"] or line["sub_account_id"]
    return plain_text(" · ".join(filter(None, (project, line["ai_system_id"]))))


def offering_text(line: dict[str, Any]) -> str:
    """Return what was bought: provider, service and model, none of them said twice."""
    provider = plain_text(line["service_provider_name"])
    service = plain_text(line.get("service_name"))
    model = "" if line["ai_model_id"] == "none" else plain_text(line["ai_model_id"])
    maker, _, name = model.partition("/")
    if name and maker.lower() == provider.lower():
        model = name
    parts = ["" if provider in service else provider, service, model]
    return " · ".join(part for part in parts if part)
