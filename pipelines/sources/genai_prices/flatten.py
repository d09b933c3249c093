"""Turns the package's Python objects (its only offline form) into flat rows."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any

from genai_prices import types

# What the book's authors say of a model in words: the day that they looked its prices up.
CHECKED = re.compile(
    r"(?:verified|checked|as of|updated)(?: \w+)? (20\d\d-\d\d-\d\d)", re.IGNORECASE
)
LOOKAHEAD = "^(?!"
SIMPLE = {
    types.ClauseEquals: "equals",
    types.ClauseStartsWith: "starts_with",
    types.ClauseEndsWith: "ends_with",
    types.ClauseContains: "contains",
}
Clause = tuple[str, str, bool]  # operator, value, is negated


def price_rows(
    providers: list[types.Provider], units: dict[str, tuple[str, int]]
) -> list[dict[str, Any]]:
    """Return one row per model, price set, price key and context tier; an empty set is one row."""
    return [
        {"checked_date": checked, "provider_id": provider.id, "model_id": model.id}
        | price_set
        | price
        for provider in providers
        for model in provider.models
        for checked in (_checked_date(model.price_comments or provider.price_comments or ""),)
        for price_set, prices in _price_sets(model)
        for price in _prices(prices, units)
    ]


def match_rows(providers: list[types.Provider]) -> list[dict[str, Any]]:
    """Return one row per clause that names a provider or a model, and per fallback provider."""
    rows: list[dict[str, Any]] = []
    for provider_rank, provider in enumerate(providers):
        common = {
            "provider_id": provider.id,
            "provider_name": provider.name,
            "provider_rank": provider_rank,
        }
        rows += _clauses(
            common | {"match_target": "provider_id"}, [[("equals", provider.id, False)]]
        )
        if provider.provider_match is not None:
            rows += _clauses(
                common | {"match_target": "provider"}, _groups(provider.provider_match)
            )
        fallbacks = [[("equals", name, False)] for name in provider.fallback_model_providers or []]
        rows += _clauses(common | {"match_target": "fallback"}, fallbacks)
        for model_rank, model in enumerate(provider.models):
            labels = {"model_id": model.id, "model_name": model.name, "model_rank": model_rank}
            rows += _clauses(common | {"match_target": "model"} | labels, _groups(model.match))
    return rows


def _checked_date(comments: str) -> date | None:
    days = []
    for text in CHECKED.findall(comments):
        try:
            days.append(date.fromisoformat(text))
        except ValueError:
            continue
    return max(days, default=None)


def _price_sets(model: types.ModelInfo) -> Iterator[tuple[dict[str, Any], types.ModelPrice]]:
    dated = (
        model.prices
        if isinstance(model.prices, list)
        else [types.ConditionalPrice(prices=model.prices)]
    )
    for rank, price in enumerate(dated):
        yield {"price_context": "", "price_rank": rank, **_validity(price.constraint)}, price.prices
    for rank, variant in enumerate(model.price_variants or []):
        context = ";".join(f"{key}={value}" for key, value in sorted(variant.when.items()))
        labels = {"price_context": context, "price_rank": rank, **_validity(variant.constraint)}
        yield labels, variant.prices


def _validity(constraint: Any) -> dict[str, date | int | None]:
    day = constraint.start_date if isinstance(constraint, types.StartDateConstraint) else None
    window = (None, None)
    if isinstance(constraint, types.TimeOfDateConstraint):
        window = (_minute(constraint.start_time), _minute(constraint.end_time))
    return {"start_date": day, "minute_of_day_from": window[0], "minute_of_day_to": window[1]}


def _minute(moment: time) -> int:
    if moment.second or moment.microsecond:
        raise ValueError(
            f"A price of the package changes at {moment}: only whole minutes are known."
        )
    aware = datetime.combine(date(1970, 1, 1), moment, tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    return aware.hour * 60 + aware.minute


def _prices(
    prices: types.ModelPrice, units: dict[str, tuple[str, int]]
) -> Iterator[dict[str, Any]]:
    known = {key: value for key, value in vars(prices).items() if value is not None}
    if not known:
        yield {}
    for price_key, value in known.items():
        usage_key, unit_size = units[price_key]
        labels = {"usage_key": usage_key, "price_key": price_key, "unit_size": unit_size}
        if not isinstance(value, types.TieredPrices):
            yield labels | {"tier_start": None, "price": value}
            continue
        yield labels | {"tier_start": None, "price": value.base}
        # The package takes the last of two tiers with the same start.
        for start, price in {tier.start: tier.price for tier in value.tiers}.items():
            yield labels | {"tier_start": start, "price": price}


def _clauses(labels: dict[str, Any], groups: list[list[Clause]]) -> Iterator[dict[str, Any]]:
    for number, group in enumerate(groups):
        for operator, value, is_negated in group:
            yield labels | {
                "clause_group": number,
                "clause_count": len(group),
                "operator": operator,
                "match_value": value if operator == "regex" else value.lower(),
                "is_negated": is_negated,
            }


def _groups(match: Any) -> list[list[Clause]]:
    """Return a match rule as groups: it holds where every clause of any one group does."""
    if isinstance(match, types.ClauseOr):
        return [group for part in match.or_ for group in _groups(part)]
    if isinstance(match, types.ClauseAnd):
        parts = [_groups(part) for part in match.and_]
        return [list(itertools.chain(*chosen)) for chosen in itertools.product(*parts)]
    if isinstance(match, types.ClauseRegex):
        return [split_lookahead(match.regex)]
    operator = SIMPLE[type(match)]
    return [[(operator, getattr(match, operator), False)]]


def split_lookahead(pattern: str) -> list[Clause]:
    """Return a pattern as clauses without a leading `(?!`, which DuckDB's engine does not know."""
    if not pattern.startswith(LOOKAHEAD):
        return [("regex", pattern, False)]
    depth, end = 1, len(LOOKAHEAD)
    while depth:
        escaped = pattern[end] == "\\"
        depth += 0 if escaped else {"(": 1, ")": -1}.get(pattern[end], 0)
        end += 2 if escaped else 1
    clauses: list[Clause] = [("regex", "^" + pattern[len(LOOKAHEAD) : end - 1], True)]
    if rest := pattern[end:]:
        clauses.append(("regex", "^" + rest, False))
    return clauses
