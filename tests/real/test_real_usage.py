"""Real provider responses from their usage objects to their cost, and usage-to-cost cases."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.price_book import ROOT, TOKEN_CLASSES, PriceBook, build_price_book, is_map_installed
from tests.real.test_real_prices import (
    AS_OF,
    NEAR,
    SAMPLE,
    ledger_name,
    package_price,
    usage_row,
)
from tests.usage_objects import family_of, token_classes_of

CASES = ROOT.parent / "shared/data/cost_cases/cost_cases.csv"
WANTED = Decimal("0.995")
needs_both_books = pytest.mark.skipif(
    not is_map_installed(), reason="the second price book is not installed: run `make install`"
)


def read_responses() -> list[dict[str, Any]]:
    """Return one case per response and provider that has an expected price, with the raw usage."""
    with gzip.open(SAMPLE) as file:
        items = json.load(file)
    return [
        {
            "provider_id": extractor["provider_id"],
            "model": item["model"],
            "family": family_of(extractor["provider_id"], extractor["api_flavor"]),
            "raw": item["body"].get("usage") or item["body"]["usageMetadata"],
            "usage": reading["usage"],
            "service_tier": "standard",
            "moment": AS_OF,
            "expected": sum(
                Decimal(extractor.get(key, "0")) for key in ("input_price", "output_price")
            ),
        }
        for item in items
        for reading in item["extracted"]
        for extractor in reading["extractors"]
        if "input_price" in extractor or "output_price" in extractor
    ]


def why(case: dict[str, Any], row: dict[str, Any]) -> str:
    """Return how a response's cost compares with the expected one, or why it is not compared."""
    ours = row["list_cost"]
    if ours is not None and abs(ours - case["expected"]) <= NEAR:
        return "agrees"
    installed = package_price(case)
    if installed is None and row["price_book"] is None:
        return "neither book knows the model any more"
    if row["is_disputed"]:
        return "disputed: the books differ, and the rule takes the other one"
    if installed is None or abs(installed[0] - case["expected"]) > NEAR:
        return "the price changed since: today's edition has not the expected price either"
    return "DIFFERS"


@needs_both_books
@pytest.mark.skipif(not SAMPLE.exists(), reason=f"{SAMPLE} is absent")
def test_real_responses_cost_what_is_expected_from_their_usage_objects(tmp_path: Path) -> None:
    """At least 99.5 % of what either book covers agrees to 1e-9 dollars; the rest has a reason."""
    cases = read_responses()
    names = {(ledger_name(case["provider_id"]), case["model"]) for case in cases}
    book = build_price_book(tmp_path, sorted(names))
    responses = [
        {"number": number, "family": case["family"], "usage": json.dumps(case["raw"])}
        for number, case in enumerate(cases)
    ]
    assert {case["family"] for case in cases} >= {"openai_chat", "openai_responses", "anthropic"}
    classes = token_classes_of(book, responses)
    assert len(classes) == len(cases), "a family of APIs is missing"
    priced = book.price(
        [
            {
                "usage_id": number,
                "service_provider_name": ledger_name(case["provider_id"]),
                "model_name": case["model"],
                "service_tier": "standard",
                "started_at": AS_OF.replace(tzinfo=None),
                **{f"{name}_tokens": classes[number][f"{name}_tokens"] for name in TOKEN_CLASSES},
            }
            for number, case in enumerate(cases)
        ]
    )
    verdicts: Counter[str] = Counter()
    rest: Counter[tuple[str, str, str]] = Counter()
    for case, row in zip(cases, priced, strict=True):
        verdict = why(case, row)
        verdicts[verdict] += 1
        if verdict != "agrees":
            rest[verdict, case["provider_id"], case["model"]] += 1
    print(f"\n{len(cases)} expected prices of real responses:")
    for verdict, count in verdicts.most_common():
        print(f"{count:6}  {verdict}")
    for (verdict, provider, model), count in sorted(rest.items()):
        print(f"        {count} of {provider} {model}: {verdict}")
    covered = verdicts["agrees"] + verdicts["DIFFERS"]
    print(f"{verdicts['agrees']} of {covered} covered ones agree")
    assert covered > len(cases) * 0.9
    assert verdicts["agrees"] >= covered * WANTED


def sums_and_parts(row: dict[str, Any], told: set[str]) -> dict[str, int]:
    """Return the input's and the output's sum, and those of their parts that the package reads.

    Of many a provider it reads no part, though its responses have them and we read them all.
    """
    parts = {
        "cache_read": ["cache_read", "cache_read_audio", "cache_read_image"],
        "cache_write": ["cache_write_5m", "cache_write_1h"],
        "cache_write_1h": ["cache_write_1h"],
        "output_reasoning": ["reasoning"],
        **{
            f"{side}_{kind}": [f"{side}_{kind}"]
            for side in ("input", "output")
            for kind in ("audio", "image", "video")
        },
    }
    sums = {
        "input": [name for name in TOKEN_CLASSES if name.startswith(("input", "cache"))],
        "output": [name for name in TOKEN_CLASSES if name.startswith(("output", "reasoning"))],
    }
    chosen = sums | {name: part for name, part in parts.items() if f"{name}_tokens" in told}
    return {
        name: sum(row[f"{token_class}_tokens"] or 0 for token_class in classes)
        for name, classes in chosen.items()
    }


@pytest.mark.skipif(not SAMPLE.exists(), reason=f"{SAMPLE} is absent")
def test_usage_objects_are_read_as_the_package_reads_them(tmp_path: Path) -> None:
    """Every reading of every response by every provider's API, priced or not: the same tokens."""
    with gzip.open(SAMPLE) as file:
        items = json.load(file)
    readings = [
        {
            "provider_id": extractor["provider_id"],
            "model": item.get("model", "unknown"),
            "family": family_of(extractor["provider_id"], extractor["api_flavor"]),
            "raw": item["body"].get("usage") or item["body"]["usageMetadata"],
            "usage": reading["usage"],
            "service_tier": "standard",
            "moment": AS_OF,
        }
        for item in items
        for reading in item["extracted"]
        for extractor in reading["extractors"]
    ]
    found = token_classes_of(
        PriceBook(tmp_path),
        [
            {"number": number, "family": each["family"], "usage": json.dumps(each["raw"])}
            for number, each in enumerate(readings)
        ],
    )
    differ: Counter[tuple[str, ...]] = Counter()
    for number, each in enumerate(readings):
        theirs = sums_and_parts(usage_row(number, each), set(each["usage"]))
        ours = sums_and_parts(found[number], set(each["usage"]))
        for name in theirs:
            if ours[name] != theirs[name]:
                differ[each["provider_id"], each["family"], name] += 1
    same = len(readings) - sum(differ.values())
    print(f"\n{len(readings)} readings of {len(items)} responses; other classes in:")
    for what, count in differ.most_common():
        print(f"{count:6}  {' '.join(what)}")
    assert len(readings) > 5000
    assert same >= len(readings) * WANTED


def read_cases() -> list[dict[str, Any]]:
    with CASES.open() as file:
        return list(csv.DictReader(file))


def case_classes(case: dict[str, str]) -> dict[str, int]:
    """Return the disjoint classes of a case, whose input total holds what was cached."""

    def count(name: str) -> int:
        return int(case[f"{name}_tokens"] or 0)

    hour = count("cache_write_1h")
    written = count("cache_write") or count("cache_write_5m") + hour
    total, output = int(case["input_tokens_total"] or 0), int(case["output_tokens_total"] or 0)
    others = json.loads(case["other_usage_json"] or "{}")
    cached = {
        "cache_read_audio": count("cached_audio"),
        "cache_read_image": int(others.get("cache_image_read_tokens", 0)),
    }
    fresh = {
        "input_audio": count("input_audio") - cached["cache_read_audio"],
        "input_image": int(others.get("input_image_tokens", 0)) - cached["cache_read_image"],
    }
    made = {
        "output_audio": count("output_audio"),
        "output_image": int(others.get("output_image_tokens", 0)),
        "output_video": int(others.get("output_video_tokens", 0)),
    }
    inside = count("cached_read") + written + sum(fresh.values())
    # One case states its reasoning tokens only in part: it is no larger than the output.
    reasoning = min(count("reasoning"), output - sum(made.values()))
    return {
        **cached,
        **fresh,
        **made,
        "input_uncached": total - inside,
        "cache_read": count("cached_read") - sum(cached.values()),
        "cache_write_5m": written - hour,
        "cache_write_1h": hour,
        "input_video": 0,
        "reasoning": reasoning,
        "output": output - reasoning - sum(made.values()),
    }


def case_units(case: dict[str, str]) -> dict[str, Decimal]:
    """Return what a case counts that is no token."""
    others = json.loads(case["other_usage_json"] or "{}")
    return {
        "web_search_count": Decimal(others.get("web_searches", 0)),
        "audio_second_count": Decimal(others.get("audio_seconds", 0)),
    }


def case_tier(case: dict[str, str]) -> str:
    return "batch" if case["batch"] == "true" else case["service_tier"] or "standard"


@needs_both_books
@pytest.mark.skipif(not CASES.exists(), reason=f"{CASES} is absent")
def test_cost_cases_agree_or_come_out_as_disputed(tmp_path: Path) -> None:
    """Every case that a book covers costs what it says; the disputed ones are disputed."""
    cases = read_cases()
    names = {(ledger_name(case["provider"]), case["model"]) for case in cases}
    book = build_price_book(tmp_path, sorted(names))
    rows = book.price(
        [
            {
                "usage_id": number,
                "service_provider_name": ledger_name(case["provider"]),
                "model_name": case["model"],
                "service_tier": case_tier(case),
                "started_at": datetime.fromisoformat(case["timestamp"]).replace(tzinfo=None),
                **{f"{name}_tokens": value for name, value in case_classes(case).items()},
                **case_units(case),
            }
            for number, case in enumerate(cases)
        ]
    )
    verdicts: Counter[str] = Counter()
    for case, row in zip(cases, rows, strict=True):
        expected, ours = Decimal(case["expected_cost_usd"]), row["list_cost"]
        near = max(NEAR, expected * Decimal(case["rel_tolerance"] or 0))
        agrees = ours is not None and abs(ours - expected) <= near
        if case["confidence"] == "disputed":
            verdict = "disputed, as it should be" if row["is_disputed"] else "DISPUTED, NOT SO OURS"
        elif agrees:
            verdict = "agrees"
        elif row["price_book"] is None:
            verdict = "neither book has the model"
        elif row["is_disputed"]:
            verdict = "disputed: the books differ, and the rule takes the other one"
        else:
            verdict = "DIFFERS"
        verdicts[verdict] += 1
        if verdict not in ("agrees", "disputed, as it should be"):
            print(f"\n{case['case_id']} {case['provider']} {case['model']} {case['timestamp']}: "
                  f"{verdict}; expected {expected}, ours {ours} ({row['price_book']}, "
                  f"{row['price_match']}, {row['ai_model_id']})", end="")  # fmt: skip
    print(f"\n{len(cases)} cases:")
    for verdict, count in verdicts.most_common():
        print(f"{count:6}  {verdict}")
    covered = verdicts["agrees"] + verdicts["DIFFERS"]
    assert covered > len(cases) * 0.7
    assert verdicts["DISPUTED, NOT SO OURS"] == 0
    assert verdicts["agrees"] >= covered * WANTED
