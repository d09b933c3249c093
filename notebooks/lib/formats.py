"""How figures are written: amounts, counts, changes, CSV."""

import html
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

import polars as pl

UNKNOWN = "unknown"
MINUS = "\N{MINUS SIGN}"
# What a spreadsheet takes for a formula, with the full-width forms some of them accept too.
FORMULA_START = r"^\s*[=+\-@\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]|^[\t\r\n]"


def money(amount: Decimal | None, currency: str) -> str:
    """Return an amount with its currency, rounded to cents for reading."""
    if amount is None:
        return UNKNOWN
    cents = amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    sign = MINUS if cents < 0 else ""
    return f"{currency} {sign}{abs(cents):,.2f}"


def as_amount(number: Decimal | int | None) -> Decimal | None:
    """Return a sum as a decimal: an empty one comes as the whole number 0."""
    return None if number is None else Decimal(number)


def exact(amount: Decimal | None) -> str:
    """Return an amount with every digit that it has, and at least two decimals."""
    if amount is None:
        return UNKNOWN
    # Neither abs() nor a number of digits: both would round to the context's 28 digits.
    whole, _, fraction = f"{amount.copy_abs():,f}".partition(".")
    sign = MINUS if amount < 0 else ""
    return f"{sign}{whole}.{fraction.rstrip('0').ljust(2, '0')}"


def count(number: int | None) -> str:
    """Return a whole number with thousands separators."""
    return UNKNOWN if number is None else f"{number:,}".replace("-", MINUS)


def short_count(number: int | None) -> str:
    """Return a whole number in three or four digits: 1,234 · 12.3 M · 4.56 bn."""
    if number is None:
        return UNKNOWN
    for size, unit in ((10**12, "tn"), (10**9, "bn"), (10**6, "M")):
        if abs(number) >= size:
            return f"{number / size:.{2 if abs(number) < 10 * size else 1}f} {unit}"
    return count(number)


def share(part: Decimal | int | None, whole: Decimal | int | None) -> str:
    """Return a part in per cent of a whole; an em dash where that says nothing."""
    if part is None or not whole:
        return "\N{EM DASH}"
    percent = 100 * Decimal(part) / Decimal(whole)
    if 0 < abs(percent) < Decimal("0.1"):
        return f"{MINUS if percent < 0 else ''}<0.1%"
    return f"{percent:.1f}%".replace("-", MINUS)


def percent(ratio: float | None) -> str:
    """Return a share that the marts computed (1 = all) in per cent of one decimal."""
    return UNKNOWN if ratio is None else f"{ratio * 100:,.1f}%".replace("-", MINUS)


def change(now: Decimal | None, before: Decimal | None) -> str:
    """Return the change from before to now in per cent of before, with its sign."""
    if now is None or not before:
        return "\N{EM DASH}"
    percent = round(100 * (now - before) / abs(before), 1)
    sign = "+" if percent > 0 else MINUS if percent < 0 else ""
    return f"{sign}{abs(percent):,.1f}%"


def moment(at: datetime | date | None) -> str:
    """Return a moment in UTC, to the minute."""
    if at is None:
        return UNKNOWN
    return f"{at:%d %b %Y, %H:%M} UTC" if isinstance(at, datetime) else f"{at:%d %b %Y}"


def month_name(month: date) -> str:
    """Return a month for titles: October 2026."""
    return f"{month:%B %Y}"


def words(text: str | None) -> str:
    """Return any text safe inside HTML."""
    return html.escape(UNKNOWN if text is None else str(text), quote=True)


def for_chart(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with decimals as floating point: for drawing only, never for sums."""
    return frame.with_columns(pl.selectors.decimal().cast(pl.Float64))


def to_csv(frame: pl.DataFrame) -> bytes:
    """Return the frame as CSV in UTF-8: amounts exact, no text that a spreadsheet would run."""
    guarded = [
        pl.when(pl.col(name).str.contains(FORMULA_START))
        .then("'" + pl.col(name))
        .otherwise(pl.col(name))
        .alias(name)
        for name in frame.select(pl.selectors.string()).columns
    ]
    return frame.with_columns(guarded).write_csv().encode()
