"""Real provider responses with expected prices, and random usage, priced by our SQL."""

from __future__ import annotations

import csv
import gzip
import json
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from genai_prices import Usage, calc_price
from genai_prices.data import providers

from tests.price_book import ROOT, TOKEN_CLASSES, PriceBook, build_price_book, provider_names

SAMPLE = ROOT.parent / "shared/data/genai_prices/usages_real_responses_expected_prices.json.gz"
AS_OF = datetime(2025, 11, 6, 12, tzinfo=UTC)
NEAR = Decimal("1e-9")
CONTENTS = ("audio", "image", "video")
CONTEXTS = {
    "standard": {},
    "batch": {"processing": "batch"},
    "flex": {"service_tier": "flex"},
    "priority": {"service_tier": "priority"},
}
RANDOM_PROVIDERS = (
    "openai", "anthropic", "google", "aws", "azure", "deepseek", "mistral", "groq", "x-ai",
    "openrouter", "moonshotai", "together", "huggingface_together",
)  # fmt: skip
RANDOM_USAGES = 12_000


def ledger_name(provider_id: str) -> str:
    """Return the provider as the ledger calls it: our name, else its own word."""
    return _names().get(provider_id, provider_id)


@cache
def _names() -> dict[str, str]:
    return provider_names()


def usage_row(number: int, case: dict[str, Any]) -> dict[str, Any]:
    """Return one usage of the package as a row of our disjoint token classes."""
    counts = case["usage"]

    def count(key: str) -> int:
        return counts.get(f"{key}_tokens", 0)

    one_hour = count("cache_write_1h")
    cached = {kind: count(f"cache_{kind}_read") for kind in ("audio", "image")}
    # What was cached of a video has the price of what was cached.
    fresh = {kind: count(f"input_{kind}") - count(f"cache_{kind}_read") for kind in CONTENTS}
    made = {kind: count(f"output_{kind}") for kind in CONTENTS}
    classes = {
        **{f"cache_read_{kind}": tokens for kind, tokens in cached.items()},
        **{f"input_{kind}": tokens for kind, tokens in fresh.items()},
        **{f"output_{kind}": tokens for kind, tokens in made.items()},
        "cache_read": count("cache_read") - sum(cached.values()),
        "cache_write_1h": one_hour,
        "cache_write_5m": count("cache_write") - one_hour,
        "reasoning": count("output_reasoning"),
    }
    inside = count("cache_read") + classes["cache_write_1h"] + classes["cache_write_5m"]
    classes["input_uncached"] = count("input") - inside - sum(fresh.values())
    classes["output"] = count("output") - classes["reasoning"] - sum(made.values())
    return {
        "usage_id": number,
        "service_provider_name": ledger_name(case["provider_id"]),
        "model_name": case["model"],
        "service_tier": case["service_tier"],
        "started_at": case["moment"].replace(tzinfo=None),
        **{f"{name}_tokens": classes[name] for name in TOKEN_CLASSES},
    }


def package_price(case: dict[str, Any]) -> tuple[Decimal, Any] | None:
    """Return what the installed package takes for tokens, with its prices; None = model unknown."""
    try:
        price = calc_price(
            Usage(**case["usage"]),
            case["model"],
            provider_id=case["provider_id"],
            genai_request_timestamp=case["moment"],
            price_context=CONTEXTS[case["service_tier"]],
        )
    except LookupError:
        return None
    return price.input_price + price.output_price, price.model_price


def price_cases(home: Path, cases: list[dict[str, Any]]) -> tuple[PriceBook, list[dict[str, Any]]]:
    """Return our prices of the cases, in their order."""
    names = {(ledger_name(case["provider_id"]), case["model"]) for case in cases}
    book = build_price_book(home, sorted(names))
    return book, book.price([usage_row(number, case) for number, case in enumerate(cases)])


def read_sample() -> list[dict[str, Any]]:
    """Return one case per response, reading of it, and provider that has an expected price."""
    with gzip.open(SAMPLE) as file:
        items = json.load(file)
    return [
        {
            "item": number,
            "provider_id": extractor["provider_id"],
            "model": item["model"],
            "usage": reading["usage"],
            "service_tier": "standard",
            "moment": AS_OF,
            "expected": sum(
                Decimal(extractor.get(key, "0")) for key in ("input_price", "output_price")
            ),
        }
        for number, item in enumerate(items)
        for reading in item["extracted"]
        for extractor in reading["extractors"]
        if "input_price" in extractor or "output_price" in extractor
    ]


def judge(case: dict[str, Any], ours: Decimal | None) -> str:
    """Return how our price compares with the expected one, and what the package says of it."""
    if ours is not None and abs(ours - case["expected"]) <= NEAR:
        return "agrees"
    installed = package_price(case)
    if installed is None:
        return "the installed edition no longer knows the model"
    if abs(installed[0] - case["expected"]) <= NEAR:
        return "OURS DIFFERS though the installed edition agrees"
    if ours is not None and abs(installed[0] - ours) <= NEAR:
        return "the installed edition has another price, and ours is that"
    return "the installed edition has another price, and ours is a third"


@pytest.mark.skipif(not SAMPLE.exists(), reason=f"{SAMPLE} is absent")
def test_prices_of_real_responses_agree_with_the_expected_ones(tmp_path: Path) -> None:
    """At least 99 % of what the price book covers agrees to 1e-9 dollars.

    Covered = the installed edition of the package itself still gives the expected price.
    """
    cases = read_sample()
    _, priced = price_cases(tmp_path, cases)
    verdicts = Counter()
    examples: dict[str, Any] = {}
    for case, row in zip(cases, priced, strict=True):
        verdict = judge(case, row["list_cost"])
        verdicts[verdict] += 1
        examples.setdefault(verdict, (case, row["list_cost"], row["ai_model_id"]))
    print(f"\n{len(cases)} expected prices of {len({case['item'] for case in cases})} responses:")
    for verdict, count in verdicts.most_common():
        print(f"{count:6}  {verdict}; e.g. {examples[verdict]}")

    assert len(cases) > 1000
    covered = [
        row["list_cost"] is not None and abs(row["list_cost"] - case["expected"]) <= NEAR
        for case, row in zip(cases, priced, strict=True)
        if (installed := package_price(case)) and abs(installed[0] - case["expected"]) <= NEAR
    ]
    print(f"{sum(covered)} of {len(covered)} covered ones agree")
    assert sum(covered) >= len(covered) * 0.99


def random_cases(count: int) -> list[dict[str, Any]]:
    """Return made-up usages of models of many providers, on both sides of every boundary."""
    chance = random.Random(20261120)
    chosen = [provider for provider in providers if provider.id in RANDOM_PROVIDERS]
    openai = next(provider for provider in providers if provider.id == "openai")
    names = {
        provider.id: [model.id for model in (openai if provider.id == "azure" else provider).models]
        for provider in chosen
    }
    scales = (0, 1, 500, 20_000, 199_999, 200_000, 200_001, 272_001, 900_000)
    cases = []
    for _ in range(count):
        provider_id = chance.choice(list(names))
        kinds = [chance.choice(scales) * chance.random() for _ in range(4)]
        read, five, hour, audio = (int(kind) if chance.random() < 0.5 else 0 for kind in kinds)
        reasoning, speech = (int(chance.random() * 3000) * (chance.random() < 0.3) for _ in "ab")
        cases.append(
            {
                "provider_id": provider_id,
                "model": chance.choice(names[provider_id]),
                "service_tier": chance.choice(list(CONTEXTS)),
                "moment": datetime(2025, 6, 1, tzinfo=UTC)
                + timedelta(seconds=chance.randrange(650 * 86_400)),
                "usage": {
                    "input_tokens": chance.choice(scales) + read + five + hour + audio,
                    "cache_read_tokens": read,
                    "cache_write_tokens": five + hour,
                    "cache_write_1h_tokens": hour,
                    "input_audio_tokens": audio,
                    "output_tokens": chance.randrange(50_000) + reasoning + speech,
                    "output_reasoning_tokens": reasoning,
                    "output_audio_tokens": speech,
                    # The package asks for every overlap of two priced kinds.
                    "cache_audio_read_tokens": 0,
                    "cache_audio_write_tokens": 0,
                    "cache_audio_write_1h_tokens": 0,
                    "output_audio_reasoning_tokens": 0,
                },
            }
        )
    return cases


def within_rounding(case: dict[str, Any], installed: tuple[Decimal, Any], ours: Decimal) -> bool:
    """Return whether a price with more digits than ours explains the difference."""
    digits = [
        -price.normalize().as_tuple().exponent
        for price in vars(installed[1]).values()
        if isinstance(price, Decimal)
    ]
    tokens = case["usage"]["input_tokens"] + case["usage"]["output_tokens"]
    return max(digits, default=0) > 6 and abs(installed[0] - ours) <= tokens * Decimal("5e-13")


@cache
def redirected() -> set[tuple[str, str]]:
    """Return the names of which we know that a provider answers them by another model."""
    with (ROOT / "seeds/reference/model_aliases.csv").open() as file:
        return {
            (row["service_provider_name"], row["alias"])
            for row in csv.DictReader(file)
            if "*" not in row["alias"]
        }


def is_of_the_second_book(case: dict[str, Any], row: dict[str, Any]) -> bool:
    """Return whether the books dispute, or the package lacks the tier, and the second decides."""
    if row["price_book"] != "litellm_prices":
        return False
    standard = package_price(case | {"service_tier": "standard"})
    return row["is_disputed"] or standard == package_price(case)


def verdict_of(case: dict[str, Any], row: dict[str, Any]) -> str:
    """Return how our price compares with the package's, or why another one is right."""
    installed, ours = package_price(case), row["list_cost"]
    if (ledger_name(case["provider_id"]), case["model"]) in redirected():
        return "answered by another model"
    if installed is None:
        # The package does not find every model by its own id.
        is_its_own = row["ai_model_id"] == f"{case['provider_id']}/{case['model']}"
        found = "found by the package's own id" if is_its_own else "DIFFERS"
        return "both do not know the model" if row["resolved_by"] == "none" else found
    if ours is None:
        # The package counts a kind without a price as free; to us it is not known.
        lacks = installed[1].input_mtok is None or installed[1].output_mtok is None
        return "a kind of tokens has no price" if lacks else "DIFFERS"
    if abs(installed[0] - ours) <= NEAR:
        return "agrees"
    if within_rounding(case, installed, ours):
        return "agrees but for the rounding of a price beyond 1e-12 a token"
    return "the second book decides" if is_of_the_second_book(case, row) else "DIFFERS"


def test_random_usage_costs_what_the_package_says(tmp_path: Path) -> None:
    """Every random usage has the package's price where it decides, or none where it has none."""
    cases = random_cases(RANDOM_USAGES)
    _, priced = price_cases(tmp_path, cases)
    judged = [(verdict_of(case, row), case, row) for case, row in zip(cases, priced, strict=True)]
    verdicts = Counter(verdict for verdict, _, _ in judged)
    differences = [each for each in judged if each[0] == "DIFFERS"]
    print(f"\n{len(cases)} random usages of {len({case['model'] for case in cases})} models:")
    for verdict, count in verdicts.most_common():
        print(f"{count:6}  {verdict}")
    assert not differences, f"{len(differences)} differ, e.g. {differences[:3]}"
    assert verdicts["agrees"] > len(cases) / 2
