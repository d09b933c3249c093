"""AI on company cards and in expense reports: each charge once, among ten times look-alikes."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.demo.fx import dollars_of_euros
from pipelines.demo.parts import Truths
from pipelines.demo.truths import plain_value
from pipelines.demo.window import Window, first_of_month

NAME = "card_transactions"
MARA, IVO, LEA, NIL = (f"{name}@example.com" for name in ("mara", "ivo", "lea", "nil"))
HOLDER_TEAMS = {MARA: "support", IVO: "search", LEA: "search", NIL: "unallocated"}
CARDS = {MARA: "4471", IVO: "9023", LEA: "1180"}
OWNERS = tuple(
    ("user", None, person, team, None, None)
    for person, team in HOLDER_TEAMS.items()
    if team != "unallocated"
)
CARD_HEADER = (
    "transaction_id", "transaction_date", "posted_date", "merchant_name", "mcc", "amount",
    "currency", "original_amount", "original_currency", "card_id", "card_number",
    "cardholder_email", "status",
)  # fmt: skip
REPORT_HEADER = (
    "Timestamp", "Merchant", "Amount", "MCC", "Category", "Tag", "Comment", "Reimbursable",
    "Original Currency", "Original Amount", "Receipt",
)  # fmt: skip
# Text, category, whether a vendor's name is a word of it: only those come into the lake, and none
# of them counts.
LOOK_ALIKES = (
    ("CLAUDE MONET MUSEUM", "7991", True),
    ("CURSOR & CO", "5651", True),
    ("PERPLEXITY BAR", "5813", True),
    ("JASPER NATIONAL PARK", "7033", True),
    ("REPLICATE DENTAL LAB", "8021", True),
    ("RUNWAY SHOES NYC", "5661", True),
    ("SQ *WINDSURF SCHOOL TARIFA", "7999", True),
    ("MIDTOWN JOURNEY", "4722", False),
    ("OPEN AIR CINEMA", "7832", False),
    ("OPENAIRE FESTIVAL", "7922", False),
    ("ANTHROPOLOGIE 212", "5651", False),
    ("SUNOCO 0123456", "5541", False),
    ("COHERENT OPTICS", "8043", False),
    ("UBER *TRIP", "4121", False),
    ("HOTEL ADLON", "7011", False),
)
TIMES = 10
CHATGPT = "OPENAI *CHATGPT SUBSCR"


@dataclass(frozen=True)
class Charge:
    """One charge as it happened, and who has it."""

    day: date
    person: str
    ai_service_id: str
    text: str
    amount: str
    currency: str = "USD"
    original: str = ""
    """The amount in dollars, where the card is charged in euros."""
    category: str = "5734"
    has_card: bool = True
    status: str = "posted"
    reported: str = ""
    """The merchant as the expense report names it; empty where there is none."""
    days_later: int = 0
    """Of the report."""

    @property
    def cost(self) -> Decimal:
        """What was charged; a refund is below zero."""
        return Decimal(self.amount)


def real_charges(window: Window) -> list[Charge]:
    """Return what happened."""
    same = Charge(
        _day(window, 10), IVO, "openrouter", "OPENROUTER, INC", "10.00", reported="OpenRouter"
    )
    subscription = Charge(
        _day(window, 0), LEA, "grammarly", "GRAMMARLY CO*9QX7", "12.00", reported="Grammarly"
    )
    starts = [max(month, window.start) for month in window.months]
    return [
        Charge(_day(window, 1), MARA, "chatgpt", CHATGPT, "20.00", reported="OpenAI"),
        Charge(
            _day(window, 2), IVO, "cursor", "CURSOR, AI POWERED IDE", "18.41", "EUR", "20.00",
            reported="Cursor", days_later=2,
        ),
        Charge(_day(window, 3), LEA, "midjourney", "MIDJOURNEY INC. SOUTH SAN FRAN CA", "10.00"),
        Charge(_day(window, 8), LEA, "midjourney", "MIDJOURNEY INC. SOUTH SAN FRAN CA", "-10.00"),
        Charge(
            _day(window, 4), NIL, "claude", "", "21.78", has_card=False,
            reported="Claude.ai subscription",
        ),
        Charge(window.days[-1], MARA, "chatgpt", CHATGPT, "20.01", status="pending"),
        Charge(_day(window, 9), IVO, "lovable", "LOVABLE.DEV", "25.00", status="reversed"),
        # Two equal ones on a day, and one in each month.
        same, same,
        *(replace(subscription, day=start) for start in starts),
    ]  # fmt: skip


def posted_later(window: Window) -> tuple[Charge, Charge]:
    """Return a charge that is pending and then posted under its id, and one under another id."""
    return (
        Charge(_day(window, 5), MARA, "elevenlabs", "PADDLE.NET* ELEVENLABS.IO", "5.50"),
        Charge(_day(window, 6), IVO, "perplexity", "PERPLEXITY PRO 4155550100", "21.00"),
    )


def _day(window: Window, tenths: int) -> date:
    """Return a day of the window, so many tenths of the way through it."""
    return window.days[tenths * (len(window.days) - 1) // 10]


def write(folder: Path, window: Window) -> Truths:
    """Write two card files that overlap, a report a person, and what is true of them."""
    charges = real_charges(window)
    kept, renamed = posted_later(window)
    early = [
        _card_row(kept, "tx-kept", "pending"),
        _card_row(renamed, "tx-before", "pending"),
        *(
            _card_row(one, f"tx-{n}", "pending")
            for n, one in enumerate(charges)
            if one.status == "reversed"
        ),
    ]  # fmt: skip
    late = [
        _card_row(kept, "tx-kept", "posted"),
        _card_row(renamed, "tx-after", "posted"),
        *(_card_row(one, f"tx-{n}", one.status) for n, one in enumerate(charges) if one.has_card),
        # What cannot be told is refused: at the door, and by what the word of its state means.
        _card_row(charges[0], "tx-broken", "posted") | {"amount": "1.234,50"},
        _card_row(charges[0], "tx-disputed", "disputed"),
    ]
    # The first days come in both files.
    early += [row for row in late if row["transaction_id"] in ("tx-0", "tx-1")]
    chance = random.Random(f"{NAME}{window.seed}")
    innocent = [
        _look_alike(window, number, chance) for number in range(TIMES * len([*charges, *late]))
    ]
    wordy = sum(row[1] for row in innocent)
    _write(folder / "cards" / "cards_1.csv", CARD_HEADER, early)
    _write(folder / "cards" / "cards_2.csv", CARD_HEADER, [*late, *(row for row, _ in innocent)])
    for person in HOLDER_TEAMS:
        rows = [_report_row(one) for one in charges if one.reported and one.person == person]
        lunch = {"Timestamp": f"{window.start} 00:00:00", "Merchant": "Cursory Lunch", "Amount": 9}
        _write(folder / "expenses" / person / "report.csv", REPORT_HEADER, [*rows, lunch])
    plant = {
        "kind": "card_charges",
        "months": _months([*charges, kept, renamed], window),
        "innocent_count": len(innocent),
        "read_count": len(late) + wordy,
        "broken_line": 1 + len(late) - 1,
        "disputed_line": 1 + len(late),
        "file": f"{NAME}/cards/cards_2.csv",
    }
    return {"plants": [plant]}


def _months(charges: Sequence[Charge], window: Window) -> list[dict[str, Any]]:
    """Return what every month's charges of a service and team come to."""
    rows: dict[tuple[str, ...], list[Charge]] = {}
    for one in charges:
        if one.status != "reversed":
            month = first_of_month(one.day).isoformat()
            key = (month, one.ai_service_id, HOLDER_TEAMS[one.person], one.currency)
            rows.setdefault(key, []).append(one)
    names = ("billing_month", "ai_service_id", "team_id", "charge_currency")
    return [
        dict(zip(names, key, strict=True)) | _sums(key, found, window)
        for key, found in sorted(rows.items())
    ]


def _sums(key: tuple[str, ...], charges: Sequence[Charge], window: Window) -> dict[str, Any]:
    def total(wanted: Iterable[Charge]) -> Decimal:
        return sum((one.cost for one in wanted), Decimal(0))

    posted = [one for one in charges if one.status == "posted"]
    rate = Decimal(1) if key[3] == "USD" else dollars_of_euros(window, key[0])
    return {
        "charged_cost": plain_value(total(one for one in posted if one.cost > 0)),
        "refunded_cost": plain_value(total(one for one in posted if one.cost < 0)),
        "pending_cost": plain_value(total(one for one in charges if one.status == "pending")),
        "reporting_net_cost": None if rate is None else plain_value(total(posted) * rate),
        "charge_count": sum(one.cost > 0 for one in charges),
        "refund_count": sum(one.cost < 0 for one in charges),
        "twice_seen_count": sum(one.has_card and bool(one.reported) for one in charges),
        "person_count": len({one.person for one in charges}),
    }


def _card_row(one: Charge, transaction_id: str, status: str) -> dict[str, Any]:
    digits = CARDS[one.person]
    return {
        "transaction_id": transaction_id,
        "transaction_date": one.day,
        "posted_date": one.day + timedelta(2) if status == "posted" else "",
        "merchant_name": one.text,
        "mcc": one.category,
        "amount": one.amount,
        "currency": one.currency,
        "original_amount": one.original,
        "original_currency": "USD" if one.original else "",
        "card_id": f"card-{digits}",
        "card_number": f"5500 00XX XXXX {digits}",
        "cardholder_email": one.person,
        "status": status,
    }


def _report_row(one: Charge) -> dict[str, Any]:
    spent = one.original or one.amount
    return {
        "Timestamp": f"{one.day + timedelta(one.days_later)} 00:00:00",
        "Merchant": one.reported,
        "Amount": spent,
        "MCC": 0,
        "Category": "Software",
        "Comment": f"for {one.person}",
        "Reimbursable": "no" if one.has_card else "yes",
        "Original Currency": "USD",
        "Original Amount": spent,
        "Receipt": "https://receipts.example.com/w_1.jpg",
    }


def _look_alike(window: Window, number: int, chance: random.Random) -> tuple[dict[str, Any], bool]:
    text, category, has_word = LOOK_ALIKES[number % len(LOOK_ALIKES)]
    person = chance.choice(sorted(CARDS))
    amount = f"{chance.choice((10, 12, 20, 21))}.00"
    one = Charge(chance.choice(window.days), person, "", text, amount, category=category)
    return _card_row(one, f"other-{number}", "posted"), has_word


def _write(path: Path, header: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header, lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(rows)


def overrides(folder: Path, address: str) -> dict[str, Any]:
    """Return the settings that load it."""
    return {
        "sources.card_transactions.files": str(folder / "cards"),
        "sources.expenses.files": str(folder / "expenses"),
        "sources.expenses.user_pattern": "/expenses/([^/]+@[^/]+)/",
        "sources.expenses.currency": "USD",
    }
