"""What the demo's calls truly cost: its own dated prices, and what a price book must be told.

List prices are written down here a second time on purpose: the truths must not come from the price
book under test. Where the packaged list differs on any day of the window, an override says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal

import polars as pl
from genai_prices import Usage, calc_price

from pipelines.demo.company import (
    ANTHROPIC,
    EMBEDDING,
    FULL_4O,
    FULL_41,
    GPT_5,
    GPT_5_MINI,
    HAIKU,
    MICROSOFT,
    MINI,
    MINI_4O,
    NANO,
    OPENAI,
    OPUS,
    SONNET,
    UNPRICED,
)
from pipelines.demo.window import Window

OUTPUT_CLASSES = ("output", "reasoning")
_CLASSES = ("input_uncached", "cache_read", "cache_write_5m", "cache_write_1h", "output")
_LIST_FIELDS = dict(
    zip(
        _CLASSES,
        ("input_mtok", "cache_read_mtok", "cache_write_mtok", "cache_write_1h_mtok", "output_mtok"),
        strict=True,
    )
)
AZURE_DISCOUNT = Decimal("0.95")
SHORT, LONG = "0-200k", "200k-1M"


@dataclass(frozen=True)
class Price:
    """One price in money per million tokens, valid from (inclusive) to (exclusive)."""

    provider: str
    model: str
    token_class: str
    per_million: Decimal
    origin: str = "list"
    tier: str = "standard"
    context_tier: str | None = None
    currency: str = "USD"
    valid_from: date | None = None
    valid_to: date | None = None
    reason: str = ""
    list_per_million: Decimal | None = None


def _prices(provider: str, model: str, amounts: str, **more: object) -> Iterator[Price]:
    for token_class, amount in zip(_CLASSES, amounts.split(), strict=False):
        if amount != "-":
            yield Price(provider, model, token_class, Decimal(amount), **more)  # type: ignore[arg-type]


def _claude(model: str, amounts: str, **more: object) -> Iterator[Price]:
    return _prices(ANTHROPIC, model, amounts, **more)


def _azure(model: str, amounts: str) -> Iterator[Price]:
    for price in _prices(MICROSOFT, model, amounts, origin="bill", currency="EUR"):
        yield replace(
            price,
            per_million=price.per_million * AZURE_DISCOUNT,
            list_per_million=price.per_million,
        )


def true_prices(window: Window) -> list[Price]:
    """Return every price of the world; per class: input, cached, write 5m, write 1h, output."""
    changed = window.price_change_day
    contract = {"origin": "contract", "reason": "Negotiated price of the demo contract"}
    renewed = {"origin": "contract", "reason": "Demo contract renewed at a lower price"}
    batch = {"origin": "contract", "tier": "batch", "reason": "Batch price, half of the list"}
    return [
        *_prices(OPENAI, MINI, "0.36 0.09 - - 1.44", valid_to=changed, **contract),
        *_prices(OPENAI, MINI, "0.3 0.075 - - 1.2", valid_from=changed, **renewed),
        *_prices(OPENAI, MINI_4O, "0.15 0.075 - - 0.6"),
        *_prices(OPENAI, FULL_4O, "2.5 1.25 - - 10"),
        *_prices(OPENAI, FULL_41, "2 0.5 - - 8"),
        *_prices(OPENAI, FULL_41, "1 0.25 - - 4", **batch),
        *_prices(OPENAI, NANO, "0.1 0.025 - - 0.4"),
        *_prices(OPENAI, GPT_5, "1.25 0.125 - - 10"),
        *_prices(OPENAI, GPT_5_MINI, "0.25 0.025 - - 2"),
        *_prices(OPENAI, EMBEDDING, "0.02"),
        # billed, but in nobody's price book
        *_prices(OPENAI, UNPRICED, "0.7 0.35 - - 2.8", origin="bill"),
        *_claude(SONNET, "3 0.3 3.75 6 15", context_tier=SHORT),
        *_claude(SONNET, "6 0.6 7.5 12 22.5", context_tier=LONG),
        *_claude(HAIKU, "1 0.1 1.25 2 5"),
        *_claude(HAIKU, "0.5 0.05 0.625 1 2.5", **batch),
        *_claude(OPUS, "5 0.5 6.25 10 25"),
        *_azure(FULL_4O, "2.3 1.15 - - 9.2"),
        *_azure(MINI_4O, "0.138 0.069 - - 0.552"),
    ]


def price_frame(window: Window) -> pl.DataFrame:
    """Return the true prices as a frame with open ends filled."""
    rows = [asdict(price) for price in true_prices(window)]
    schema = {
        "per_million": pl.Decimal(18, 6),
        "list_per_million": pl.Decimal(18, 6),
        "valid_from": pl.Date,
        "valid_to": pl.Date,
        "context_tier": pl.String,
    }
    return pl.DataFrame(rows, schema_overrides=schema).with_columns(
        pl.col("valid_from").fill_null(date(1970, 1, 1)),
        pl.col("valid_to").fill_null(date(9999, 1, 1)),
    )


def list_amount(price: Price, day: date) -> Decimal | None:
    """Return the packaged list price of the same class that day, None where it has none."""
    noon = datetime.combine(day, time(12), tzinfo=UTC)
    try:
        found = calc_price(
            Usage(input_tokens=1),
            price.model,
            provider_id=price.provider.lower(),
            genai_request_timestamp=noon,
        ).model_price
    except LookupError:
        return None
    amount = getattr(found, _LIST_FIELDS[price.token_class])
    if amount is None or isinstance(amount, Decimal):
        return amount
    tiers = [tier.price for tier in amount.tiers if tier.start == 200_000]
    return tiers[0] if price.context_tier == LONG and tiers else amount.base


def _is_as_listed(price: Price, window: Window) -> bool:
    return all(list_amount(price, day) == price.per_million for day in window.days)


def overrides(window: Window) -> list[Price]:
    """Return the prices that a price book built from the packaged list alone would get wrong."""
    wrong = [
        price
        if price.origin == "contract"
        else replace(price, reason="List price as of the demo's days")
        for price in true_prices(window)
        if price.origin == "contract"
        or (price.origin == "list" and not _is_as_listed(price, window))
    ]
    reasoning = [
        replace(price, token_class="reasoning") for price in wrong if price.token_class == "output"
    ]
    return wrong + reasoning
