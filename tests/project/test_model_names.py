"""Model names resolve in SQL to the model that the genai-prices package finds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from genai_prices import types
from genai_prices.data import providers
from genai_prices.data_snapshot import get_snapshot

from tests.price_book import build_price_book, provider_names


def clause_texts(match: Any) -> list[str]:
    """Return names that a match rule speaks of, and variations of them."""
    if isinstance(match, types.ClauseOr | types.ClauseAnd):
        parts = match.or_ if isinstance(match, types.ClauseOr) else match.and_
        return [text for part in parts for text in clause_texts(part)]
    if isinstance(match, types.ClauseRegex):
        return []
    value = next(iter(vars(match).values()))
    return [value, value.upper(), f"{value}-20251211", f"{value}-preview-tts", f"us.{value}"]


def test_names_match_as_in_the_package(tmp_path: Path) -> None:
    """Thousands of spellings resolve to the model the package finds."""
    our_names = provider_names()
    cases = {
        (our_names.get(provider.id, provider.id), text): provider.id
        for provider in providers
        for model in provider.models
        for text in [model.id, *clause_texts(model.match)]
    }
    book = build_price_book(tmp_path, sorted(cases))
    found = {
        (provider, name): (model, match)
        for provider, name, model, match in book.query(
            "select service_provider_name, model_name, "
            "case when resolved_by = 'list' then ai_model_id else 'unknown' end, name_match "
            "from intermediate.int_model_names_resolved where name_match <> 'alias'"
        )
    }
    snapshot = get_snapshot()
    owner = {id(model): provider.id for provider in providers for model in provider.models}
    differences = []
    for name, provider_id in cases.items():
        try:
            _, model = snapshot.find_provider_model(name[1], None, provider_id, None)
        except LookupError:
            expected = "unknown"
        else:
            expected = f"{owner[id(model)]}/{model.id}"
        # What our aliases say of a name comes first.
        model, match = found.get(name, (expected, "alias"))
        if model != expected:
            differences.append((name, expected, model, match))
    print(f"\n{len(cases)} spellings, {len(differences)} resolve otherwise")
    assert [case for case in differences if case[1] != "unknown"] == []
    # We also take a date off, and know prefixes such as `openai/`, which the package does not.
    others = [case for case in differences if case[3] != "date_stripped"]
    assert len(others) < len(cases) / 100
