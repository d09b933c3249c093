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
        (provider, name): model
        for provider, name, model in book.query(
            "select service_provider_name, model_name, "
            "case when resolved_by = 'none' then 'unknown' else ai_model_id end "
            "from intermediate.int_model_names_resolved"
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
        if found[name] != expected:
            differences.append((name, expected, found[name]))
    print(f"\n{len(cases)} spellings, {len(differences)} resolve otherwise")
    # We also know prefixes such as `openai/` and `models/`, which the package does not.
    assert [case for case in differences if case[1] != "unknown"] == []
    assert len(differences) < len(cases) / 100
