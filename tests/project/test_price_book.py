"""The price book: dates, tiers, negotiated prices, stand-ins, names, and exact money."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from genai_prices.data import providers

from tests.price_book import TOKEN_CLASSES, UNITS, PriceBook, build_price_book

MILLION = 1_000_000
ACME = ("Acme", "house-model")


def override(
    model: tuple[str, str],
    token_class: str,
    price: str,
    *,
    tier: str | None = None,
    context: str | None = None,
    currency: str = "USD",
    since: date | None = None,
    until: date | None = None,
) -> dict[str, Any]:
    """Return one line of overrides.csv as staging gives it."""
    return {
        "service_provider_name": model[0],
        "model_name": model[1],
        "token_class": token_class,
        "service_tier": tier,
        "context_tier": context,
        "unit_price_per_million": Decimal(price),
        "currency": currency,
        "valid_from": since,
        "valid_to": until,
    }


SONNET = ("Anthropic", "claude-sonnet-4-5-20250929")
GPT_4O = ("OpenAI", "gpt-4o")
GPT_4O_DATED = ("OpenAI", "gpt-4o-2024-08-06")
GPT_4O_MINI = ("OpenAI", "gpt-4o-mini")
AZURE = ("Microsoft", "gpt-4o")
DEPLOYMENT = ("Microsoft", "Our-Deployment")
SOL = ("OpenAI", "gpt-5.6-sol")
SONAR = ("Perplexity", "sonar-deep-research")
GEMINI = ("Google", "gemini-2.5-pro")
WHISPER = ("OpenAI", "whisper-1")
FAST = ("OpenAI", "gpt-5.5")
OPUS = ("Anthropic", "claude-opus-4-8")
TUNED = ("OpenAI", "ft:gpt-4.1-2025-04-14:acme::x")
DEEPSEEK = ("DeepSeek", "deepseek-v4-pro")
OVERRIDES = [
    override(GPT_4O, "output", "8", since=date(2026, 11, 10), until=date(2026, 11, 20)),
    override(GPT_4O_DATED, "output", "7", since=date(2026, 11, 15), until=date(2026, 11, 20)),
    override(GPT_4O, "input_uncached", "0.9", tier="batch", since=date(2026, 9, 1)),
    override(GPT_4O, "output", "3.6", tier="batch", since=date(2026, 9, 1)),
    override(SONNET, "output", "18", context="200k-1M"),
    override(GPT_4O_MINI, "input_uncached", "0.1", currency="EUR"),
    override(DEPLOYMENT, "input_uncached", "1.5", since=date(2026, 11, 1)),
    override(DEPLOYMENT, "output", "6", since=date(2026, 11, 1)),
    override(ACME, "input_uncached", "0.000001"),
    override(ACME, "output", "999999.999999"),
    override(GPT_4O, "web_search", "7000"),
]
NAMES = [
    SONNET, GPT_4O, GPT_4O_DATED, GPT_4O_MINI, AZURE, DEPLOYMENT, SOL, DEEPSEEK, ACME,
    WHISPER, FAST, OPUS, TUNED, GEMINI, ("OpenAI", "never-heard-of"),
    ("OpenAI-compatible", "gpt-4o"), SONAR,
    ("Google", "models/gemini-2.5-pro"), ("Microsoft", "azure/gpt-4o-mini"),
    ("OpenAI", "gpt-5.2-20251211"), ("OpenAI", "ft:gpt-4o-mini-2024-07-18:acme::abc"),
]  # fmt: skip


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> PriceBook:
    """Return a price book with the overrides above."""
    return build_price_book(tmp_path_factory.mktemp("book"), NAMES, OVERRIDES)


def usage(model: tuple[str, str], moment: str, tier: str = "standard", **tokens: int) -> dict:
    """Return one usage; token classes that are not given are zero."""
    return {
        "service_provider_name": model[0],
        "model_name": model[1],
        "service_tier": tier,
        "started_at": datetime.fromisoformat(moment),
        **{f"{name}_tokens": tokens.get(name, 0) for name in TOKEN_CLASSES},
        **{f"{name}_count": tokens.get(name, 0) for name in UNITS},
    }


# usage, list cost, contracted cost, is_tier_assumed, is_list_tier_assumed
CASES: dict[str, tuple[dict, str | None, str | None, bool, bool]] = {
    "an override holds from midnight of its first day": (
        usage(GPT_4O, "2026-11-10 00:00", output=MILLION), "10", "8", False, False),
    "the list price holds to the last moment before": (
        usage(GPT_4O, "2026-11-09 23:59:59.999999", output=MILLION), "10", "10", False, False),
    "an override ends before midnight of its last date": (
        usage(GPT_4O, "2026-11-20 00:00", output=MILLION), "10", "10", False, False),
    "an override covers only its token class": (
        usage(GPT_4O, "2026-11-12", input_uncached=MILLION), "2.5", "2.5", False, False),
    "an override for the model holds for its dated name": (
        usage(GPT_4O_DATED, "2026-11-12", output=MILLION), "10", "8", False, False),
    "an override for the name as sent comes first": (
        usage(GPT_4O_DATED, "2026-11-16", output=MILLION), "10", "7", False, False),
    "an override of one provider is none of another": (
        usage(AZURE, "2026-11-12", output=MILLION), "10", "10", False, False),
    "batch before the dated book has it is the other book's": (
        usage(GPT_4O, "2026-08-31", "batch", output=MILLION), "5", "5", False, False),
    "a tier that neither book has is an assumption": (
        usage(GPT_4O, "2026-08-31", "flex", output=MILLION), "10", "10", True, True),
    "fast is a tier with prices of its own": (
        usage(FAST, "2026-11-12", "fast", input_uncached=1000, output=1000),
        "0.0875", "0.0875", False, False),
    "a model in its fast mode": (
        usage(OPUS, "2026-11-12", "fast", input_uncached=1000, output=1000),
        "0.06", "0.06", False, False),
    "a tier that nobody knows is an assumption": (
        usage(OPUS, "2026-11-12", "other", output=1000), "0.025", "0.025", True, True),
    "a fine-tuned model that only the map knows, without its owner's name": (
        usage(TUNED, "2026-11-12", input_uncached=MILLION), "3", "3", False, False),
    "batch by override where the dated book has none": (
        usage(GPT_4O, "2026-09-01", "batch", output=MILLION), "5", "3.6", False, False),
    "batch by override where the list has it": (
        usage(GPT_4O, "2026-10-14", "batch", output=MILLION), "5", "3.6", False, False),
    "the ordinary override does not touch a priced tier": (
        usage(GPT_4O, "2026-11-12", "priority", output=MILLION), "17", "17", False, False),
    "the ordinary override stands in with the ordinary price": (
        usage(GPT_4O, "2026-11-12", "flex", output=MILLION), "10", "8", True, True),
    "a reseller's batch price is the other book's": (
        usage(AZURE, "2026-11-12", "batch", output=MILLION), "5", "5", False, False),
    "the maker's flex price says nothing about a reseller's": (
        usage(AZURE, "2026-11-12", "flex", output=MILLION), "10", "10", True, True),
    "at the bound of a context tier the lower price holds": (
        usage(SONNET, "2026-11-12", input_uncached=200_000), "0.6", "0.6", False, False),
    "one token above it moves all tokens": (
        usage(SONNET, "2026-11-12", input_uncached=200_001), "1.200006", "1.200006", False, False),
    "cached input counts for the context tier": (
        usage(SONNET, "2026-11-12", input_uncached=1, cache_read=200_000),
        "0.120006", "0.120006", False, False),
    "a web search costs beside the tokens, in the ordinary price list": (
        usage(SONNET, "2026-11-12", input_uncached=MILLION // 10, web_search=2),
        "0.32", "0.32", False, False),
    "an agreed price of searches": (
        usage(GPT_4O, "2026-11-12", web_search=3), "0.03", "0.021", False, False),
    "seconds of audio cost by themselves, whatever the tier": (
        usage(WHISPER, "2026-11-12", "batch", audio_second=10), "0.001", "0.001", False, False),
    "what has no price of its kind is not known": (
        usage(DEEPSEEK, "2026-11-12", audio_second=10), None, None, False, False),
    "a tier's own price below the ordinary step": (
        usage(GEMINI, "2026-11-12", "flex", input_uncached=200_000),
        "0.125", "0.125", False, False),
    "above it a tier without a step takes the ordinary one in proportion, and says so": (
        usage(GEMINI, "2026-11-12", "flex", input_uncached=200_001, output=1000),
        "0.25750125", "0.25750125", True, True),
    "a tier whose book writes steps and has none is what it says": (
        usage(FAST, "2026-11-12", "priority", input_uncached=300_000),
        "3.75", "3.75", False, False),
    "what Perplexity cites and searches has its own prices": (
        usage(SONAR, "2026-11-12", input_uncached=1000, output=1000, citation_token=MILLION,
              web_search=2),
        "2.02", "2.02", False, False),
    "output does not": (
        usage(SONNET, "2026-11-12", input_uncached=200_000, output=MILLION),
        "15.6", "15.6", False, False),
    "an override for a context tier": (
        usage(SONNET, "2026-11-12", input_uncached=300_000, output=MILLION),
        "24.3", "19.8", False, False),
    "beyond the override's range the list holds": (
        usage(SONNET, "2026-11-12", input_uncached=1_000_001, output=MILLION),
        "28.500006", "28.500006", False, False),
    "one-hour cache writes have their own price": (
        usage(SONNET, "2026-11-12", cache_write_1h=100_000), "0.6", "0.6", False, False),
    "a class without a price is billed as its parent": (
        usage(GPT_4O, "2026-11-12", cache_write_1h=MILLION, reasoning=MILLION),
        "12.5", "10.5", False, False),
    "a price cut in the list": (
        usage(SOL, "2026-08-20 23:59", output=MILLION), "30", "30", False, False),
    "after the price cut": (
        usage(SOL, "2026-08-21", output=MILLION), "20", "20", False, False),
    "the time of day decides: dear hours": (
        usage(DEEPSEEK, "2026-11-12 01:00", output=MILLION), "3.96", "3.96", False, False),
    "the time of day decides: cheap hours": (
        usage(DEEPSEEK, "2026-11-12 04:00", output=MILLION), "1.98", "1.98", False, False),
    "a model only the overrides know": (
        usage(DEPLOYMENT, "2026-11-12", input_uncached=MILLION, cache_read=MILLION),
        None, "3", False, False),
    "before its first price it has none": (
        usage(DEPLOYMENT, "2026-10-31", input_uncached=MILLION), None, None, False, False),
    "a price in another currency is not mixed in": (
        usage(GPT_4O_MINI, "2026-11-12", input_uncached=MILLION), None, "0.1", False, False),
    "what has no price in that currency is left out": (
        usage(GPT_4O_MINI, "2026-11-12", input_uncached=MILLION, output=1),
        None, "0.1", False, False),
    "an unknown model has no cost rather than none": (
        usage(("OpenAI", "never-heard-of"), "2026-11-12", output=1), None, None, False, False),
    "no tokens cost nothing whatever the price": (
        usage(("OpenAI", "never-heard-of"), "2026-11-12"), "0", "0", False, False),
    "the smallest price times one token": (
        usage(ACME, "2026-11-12", input_uncached=1), None, "0.000000000001", False, False),
    "the largest price times many tokens": (
        usage(ACME, "2026-11-12", output=987_654_321_098_765),
        None, "987654321097777.345678901235", False, False),
}  # fmt: skip


def test_every_rule_prices_as_worked_out_by_hand(book: PriceBook) -> None:
    """List cost, agreed cost and the assumption flags of each case; differences are named."""
    rows = book.price([{"usage_id": n, **case[0]} for n, case in enumerate(CASES.values())])
    assert len(rows) == len(CASES)
    wrong = {}
    for (name, case), row in zip(CASES.items(), rows, strict=True):
        expected = tuple(None if cost is None else Decimal(cost) for cost in case[1:3])
        found = (row["list_cost"], row["contracted_cost"])
        flags = (row["is_tier_assumed"], row["is_list_tier_assumed"])
        if found != expected or flags != case[3:]:
            wrong[name] = {"expected": (*expected, *case[3:]), "found": (*found, *flags)}
    assert not wrong


def test_an_override_in_another_currency_says_so(book: PriceBook) -> None:
    """The currency beside the amount is the override's."""
    rows = book.price([{"usage_id": 1, **usage(GPT_4O_MINI, "2026-11-12", input_uncached=1)}])
    assert rows[0]["currency"] == "EUR"


def test_names_resolve_to_models(book: PriceBook) -> None:
    """Prefixes, dates, deployments and unknown names."""
    found = {
        (provider, name): model
        for provider, name, model in book.query(
            "select service_provider_name, model_name, ai_model_id "
            "from intermediate.int_model_names_resolved"
        )
    }
    expected = {
        AZURE: "openai/gpt-4o",
        ("Microsoft", "azure/gpt-4o-mini"): "openai/gpt-4o-mini",
        ("Google", "models/gemini-2.5-pro"): "google/gemini-2.5-pro",
        ("OpenAI", "gpt-5.2-20251211"): "openai/gpt-5.2",
        ("OpenAI", "ft:gpt-4o-mini-2024-07-18:acme::abc"): "openai/ft:gpt-4o-mini",
        ("OpenAI", "never-heard-of"): "openai/never-heard-of",
        ("OpenAI-compatible", "gpt-4o"): "openai-compatible/gpt-4o",
        DEPLOYMENT: "microsoft/our-deployment",
        ACME: "acme/house-model",
    }
    assert {name: found[name] for name in expected} == expected


def test_models_have_one_row_each(book: PriceBook) -> None:
    """Every resolved id is in dim_ai_models, with `unknown`, `none` and the overrides' own."""
    missing = book.query(
        "select ai_model_id from intermediate.int_model_names_resolved "
        "anti join core.dim_ai_models using (ai_model_id)"
    )
    assert missing == []
    priced = dict(book.query("select ai_model_id, is_priced from core.dim_ai_models"))
    assert (priced["unknown"], priced["none"]) == (False, False)
    assert priced["acme/house-model"]
    assert priced["openai/gpt-4o"]
    assert len(priced) > 2000


def test_the_rate_table_stays_small(book: PriceBook) -> None:
    """Rates are made for names that occur, not for the whole list."""
    count, names = book.query(
        "select count(*), count(distinct model_name) from intermediate.int_price_rates"
    )[0]
    assert 0 < names <= len(NAMES)
    assert count < 60 * len(NAMES)


def test_published_prices_are_both_books_whole_and_the_overrides(book: PriceBook) -> None:
    """dim_prices holds each model that has a price, and each override line."""
    priced = {
        (provider.id, model.id)
        for provider in providers
        for model in provider.models
        if any(
            value is not None
            for price_set in (model.prices if isinstance(model.prices, list) else [model])
            for value in vars(price_set.prices).values()
        )
    }
    found = book.query(
        "select count(distinct price_model) filter (where price_book = 'genai_prices'), "
        "count(*) filter (where price_source = 'override') from core.dim_prices"
    )
    assert found == [(len(priced), len(OVERRIDES))]
    [(keys,)] = book.query(
        "select count(distinct price_model) from core.dim_prices "
        "where price_book = 'litellm_prices'"
    )
    assert keys > 3500


def test_an_override_with_an_unreadable_context_tier_stops_the_build(tmp_path: Path) -> None:
    """The audit refuses it by name; it is not read as `every length`."""
    wrong = [override(GPT_4O, "output", "1", context="large")]
    with pytest.raises(AssertionError, match="int_price_overrides_rows_hold"):
        build_price_book(tmp_path, [GPT_4O], wrong)


def test_two_overrides_for_the_same_thing_stop_the_build(tmp_path: Path) -> None:
    """Overlapping agreed prices of one name are a mistake that the audit names."""
    both = [override(GPT_4O, "output", "1"), override(GPT_4O, "output", "2")]
    with pytest.raises(AssertionError, match="no_overlap_int_price_rows"):
        build_price_book(tmp_path, [GPT_4O], both)


def test_tokens_to_cost_is_exact_in_sql(book: PriceBook) -> None:
    """The macro keeps twelve places for one token and for nineteen digits of them."""
    statement = book.compile(
        "select {{ tokens_to_cost('1', '0.000000000001') }}, "
        "{{ tokens_to_cost('9223372036854775807', '0.123456789012') }}, "
        "{{ per_million_to_per_token('0.000001') }}, {{ tokens_to_cost('null', '1') }}"
    )
    large = 9223372036854775807 * 123456789012
    assert book.query(statement) == [
        (Decimal("1e-12"), Decimal(f"{large}e-12"), Decimal("1e-12"), None)
    ]
