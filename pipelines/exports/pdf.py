"""The pack as a PDF for print and archive (PDF/A-2b), set by Typst; charts are vectors."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.exports import company_page
from pipelines.exports.pack import LINES_ON_PAPER, Pack, Row
from pipelines.exports.texts import (
    ACCEPTANCES,
    KINDS,
    QUESTIONS,
    acceptance_text,
    amount_text,
    line_method_text,
    month_text,
    offering_text,
    plain_text,
    project_text,
)

TEMPLATE = Path(__file__).with_name("statement.typ")
TOP = 10
LACKING = re.compile(r'the text `"(.+?)"` could not be displayed', re.DOTALL)
BOX = "\N{WHITE SQUARE}"
EAST_ASIAN = 0x2E80
# From the radicals on: Chinese, Japanese, Korean, emoji and what else lies beyond.
EAST = (chr(EAST_ASIAN), chr(0x10FFFF))


def write_pdf(pack: Pack, path: Path) -> Path:
    """Write the PDF; its fonts are Typst's own, so that every machine writes the same bytes."""
    moment = pack.published_at.replace(tzinfo=UTC, microsecond=0)
    path.write_bytes(compile_pdf(TEMPLATE.read_bytes(), describe(pack), moment))
    return path


def compile_pdf(template: bytes, described: dict[str, Any], moment: datetime) -> bytes:
    """Return the PDF; signs that the fonts lack, which PDF/A does not allow, become boxes."""
    # 100 MB of a compiler: only who prints loads it.
    import typst

    document = json.dumps(described, ensure_ascii=False)
    while True:
        try:
            return typst.compile(
                template,
                format="pdf",
                ignore_system_fonts=True,
                sys_inputs={"data": document},
                pdf_standards=["a-2b"],
                timestamp=moment,
            )
        except typst.TypstError as failure:
            boxed = _with_boxes(document, str(failure))
            if boxed == document:
                raise
            document = boxed


def _with_boxes(document: str, failure: str) -> str:
    """Return the text with boxes for the signs of the script that a failure names one of."""
    found = LACKING.search(failure)
    sign = max(found[1], default="") if found else ""
    if sign <= "\x7f":
        return document
    # A whole block at once, as each further sign would cost a compilation.
    block = ord(sign) & ~0x7F
    first, last = (chr(block), chr(block | 0x7F)) if block < EAST_ASIAN else EAST
    return re.sub(f"[{first}-{last}]", BOX, document)


def describe(pack: Pack) -> dict[str, Any]:
    """Return the document as texts in the order of print; ratios are lengths of bars."""
    about = pack.about
    heads = pack.rows["statements"]
    return {
        "title": f"Chargeback of AI cost, {month_text(pack.month)}",
        "is_closed": pack.is_closed,
        "publication_id": plain_text(about["publication_id"]),
        "about": [
            ["Month", month_text(pack.month)],
            ["Status", _status(pack)],
            ["Teams", plain_text(", ".join(pack.teams) or "all")],
            ["Published", f"{about['published_at']:%Y-%m-%d %H:%M} UTC"],
            ["Data complete to", _moment(about["data_complete_to"])],
            ["Price book", plain_text(about["price_book_version"]) or "not told"],
            ["Code", plain_text(about["code_version"]) or "not told"],
        ],
        "heads": [_head(row) for row in heads],
        "totals": [] if pack.teams else _totals(heads),
        "invoices": [company_page.invoice(row) for row in pack.rows["invoices"]],
        "fees": [company_page.fee(row) for row in pack.rows["fees"]],
        "payments": [company_page.payment(row) for row in pack.rows["payments"]],
        "accruals": [company_page.accrual(row) for row in pack.rows["accruals"]],
        "rates": company_page.rates(pack.rows["rates"]),
        "rounding": (
            "Rounded once, by largest remainder: the cents of an invoice to its teams, then each "
            "team's cents to its lines. Earlier this year: what the statements of the calendar "
            "year's earlier months charged. All amounts are in the currency of the invoice."
        ),
        "statements": [_statement(pack, row) for row in heads],
    }


def _status(pack: Pack) -> str:
    if pack.is_closed:
        return "closed"
    return "preliminary: bills may still be restated; nothing of it is final"


def _moment(moment: Any) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "not told"


def _head(row: Row) -> Row:
    digits = row["minor_unit_digits"]
    return {
        "team": plain_text(row["team_name"]),
        "currency": plain_text(row["billing_currency"]),
        "statement": amount_text(row["statement_cost"], digits),
        "previous": amount_text(row["previous_statement_cost"], digits),
        "change": amount_text(row["change_cost"], digits),
        "acceptance": ACCEPTANCES.get(row["acceptance_state"], "not told"),
    }


def _totals(heads: list[Row]) -> list[Row]:
    totals = []
    for currency in sorted({row["billing_currency"] for row in heads}):
        mine = [row for row in heads if row["billing_currency"] == currency]
        total = sum((row["statement_cost"] for row in mine), Decimal(0))
        totals.append(
            {
                "currency": plain_text(currency),
                "statement": amount_text(total, mine[0]["minor_unit_digits"]),
            }
        )
    return totals


def _statement(pack: Pack, head: Row) -> Row:
    digits = head["minor_unit_digits"]
    lines = pack.of("lines", head)
    centers = sorted({line["cost_center_id"] or "no cost centre" for line in lines})
    return {
        "team": f"{plain_text(head['team_name'])}, {plain_text(head['billing_currency'])}",
        "currency": plain_text(head["billing_currency"]),
        "total": amount_text(head["statement_cost"], digits),
        "summary": _summary(head, digits),
        "note": plain_text(
            f"Team {head['team_id']}. Cost centres: {', '.join(centers) or 'none'}."
        ),
        "acceptance": f"Acceptance: {acceptance_text(head)}",
        "history": _history(pack, head, digits),
        "drivers": _drivers(pack, head, digits),
        "questions": [
            {
                "name": offering_text(row),
                "question": QUESTIONS[row["question_kind"]],
                "ask": _ask(row),
                "amount": amount_text(row["statement_cost"], digits),
            }
            for row in pack.of("questions", head)[:TOP]
        ],
        "groups": _groups(pack, head, lines, digits),
    }


def _summary(head: Row, digits: int) -> list[Row]:
    rows = [("Earlier this year", head["opening_cost"], False)]
    rows += [(name, head[f"{kind}_cost"], False) for kind, name in KINDS.items()]
    rows += [
        ("Statement", head["statement_cost"], True),
        ("This year so far", head["closing_cost"], False),
        ("Month before", head["previous_statement_cost"], False),
        ("Change", head["change_cost"], False),
    ]
    return [
        {"name": name, "amount": amount_text(amount, digits), "strong": strong}
        for name, amount, strong in rows
    ]


def _history(pack: Pack, head: Row, digits: int) -> list[Row]:
    months = pack.of("history", head)
    return [
        {
            "name": f"{row['billing_month']:%y-%m}",
            "amount": amount_text(row["statement_cost"], digits if digits == 0 else 0),
            "ratio": ratio,
            "is_now": row["billing_month"] == pack.month,
        }
        for row, ratio in zip(months, _ratios(months), strict=True)
    ]


def _drivers(pack: Pack, head: Row, digits: int) -> list[Row]:
    rows = pack.of("drivers", head)[:TOP]
    return [
        {
            "name": offering_text(row),
            "ratio": ratio,
            "statement": amount_text(row["statement_cost"], digits),
            "previous": amount_text(row["previous_statement_cost"], digits),
            "change": amount_text(row["change_cost"], digits),
            "unit": amount_text(row["billed_cost_per_million_tokens"], 4),
        }
        for row, ratio in zip(rows, _ratios(rows), strict=True)
    ]


def _ratios(rows: list[Row]) -> list[float]:
    """Return how long each bar is, -1 to 1; the longest is 1."""
    amounts = [float(row["statement_cost"] or 0) for row in rows]
    longest = max(map(abs, amounts), default=0) or 1
    return [amount / longest for amount in amounts]


def _ask(row: Row) -> str:
    key = row["credential_id"] or row["sub_account_id"]
    return plain_text(f"{row['ask_whom']} ({key})" if key else row["ask_whom"])


def _groups(pack: Pack, head: Row, lines: list[Row], digits: int) -> list[Row]:
    rests = {row["line_kind"]: row for row in pack.of("small_lines", head)}
    groups = []
    for kind, name in KINDS.items():
        mine = [line for line in lines if line["line_kind"] == kind]
        if not mine:
            continue
        rest = rests.get(kind)
        count = rest["line_count"] if rest else 0
        groups.append(
            {
                "name": name,
                "lines": [_line(line, digits) for line in mine if line["place"] <= LINES_ON_PAPER],
                "rest": rest
                and {
                    "name": f"{count} smaller {'lines' if count > 1 else 'line'}, in the workbook",
                    "amount": amount_text(rest["statement_cost"], digits),
                },
            }
        )
    return groups


def _line(line: Row, digits: int) -> Row:
    return {
        "name": offering_text(line),
        "project": project_text(line),
        "method": line_method_text(line),
        "amount": amount_text(line["statement_cost"], digits),
    }
