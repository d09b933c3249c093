"""Every API that the packaged book reads, with a made-up answer: our macros read it the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from genai_prices.data import providers

from tests.price_book import PriceBook
from tests.real.test_real_prices import AS_OF, usage_row
from tests.real.test_real_usage import sums_and_parts
from tests.usage_objects import family_of, token_classes_of

WHOLES = {
    "input_tokens": 100_000, "output_tokens": 50_000, "cache_read_tokens": 20_000,
    "cache_write_tokens": 0,
}  # fmt: skip
UNITS = {
    "web_searches": "web_search_count",
    "audio_seconds": "audio_second_count",
    "input_document_pages": "page_count",
    "output_citation_tokens": "citation_token_count",
}
EXTRACTORS = {
    (provider.id, extractor.api_flavor): (provider, extractor)
    for provider in providers
    for extractor in provider.extractors or []
}


def put(body: dict[str, Any], path: Any, value: int) -> None:
    """Set what stands at a path of the package: names, and members of lists by what they say."""
    steps = [path] if isinstance(path, str) else list(path)
    place: Any = body
    for number, step in enumerate(steps[:-1]):
        following = steps[number + 1]
        if isinstance(step, str):
            place = place.setdefault(step, {} if isinstance(following, str) else [])
        else:
            wanted = step.match.equals
            found = next((each for each in place if each.get(step.field) == wanted), None)
            if found is None:
                found = {step.field: wanted}
                place.append(found)
            place = found
    place[steps[-1]] = value


def answer_of(extractor: Any) -> dict[str, Any]:
    """Return an answer that has every count the extractor reads, no part larger than its whole."""
    given: dict[str, int] = {}
    paths: dict[str, Any] = {}
    wholes: dict[str, str] = {}
    for number, mapping in enumerate(extractor.mappings):
        key = str(mapping.path)
        paths[key] = mapping.path
        wholes.setdefault(mapping.dest, key)
        # What was cached of a kind is less than all of the kind.
        small = 3 if mapping.dest.startswith("cache_") else 101
        given.setdefault(key, small + 13 * number)
    for dest, value in WHOLES.items():
        if dest in wholes:
            given[wholes[dest]] = value
    lifetimes = [
        given[str(mapping.path)]
        for mapping in extractor.mappings
        if mapping.dest in ("cache_write_5m_tokens", "cache_write_1h_tokens")
    ]
    if "cache_write_tokens" in wholes:
        given[wholes["cache_write_tokens"]] = sum(lifetimes) or 77
    body: dict[str, Any] = {"model": "made-up"}
    root = [extractor.root] if isinstance(extractor.root, str) else list(extractor.root)
    for key, value in given.items():
        put(body, [*root, *([paths[key]] if isinstance(paths[key], str) else paths[key])], value)
    return body


def usage_object(extractor: Any, body: dict[str, Any]) -> dict[str, Any]:
    """Return what our macros are given: the object that holds the counts, as a source keeps it."""
    for step in [extractor.root] if isinstance(extractor.root, str) else list(extractor.root):
        if step == "billed_units":
            break
        body = body[step]
    return body


def test_every_api_of_the_book_has_a_family() -> None:
    """A new edition's API that nobody here knows is seen by its name."""
    unknown = [name for name in EXTRACTORS if family_of(*name) is None]
    assert not unknown


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], tuple[Any, Any]]:
    """Return what the package and what our macros read of each API's made-up answer."""
    bodies = {name: answer_of(extractor) for name, (_, extractor) in EXTRACTORS.items()}
    ours = token_classes_of(
        PriceBook(tmp_path_factory.mktemp("macros")),
        [
            {
                "number": number,
                "family": family_of(*name),
                "usage": json.dumps(usage_object(EXTRACTORS[name][1], body)),
            }
            for number, (name, body) in enumerate(bodies.items())
        ],
    )
    found = {}
    for number, (name, body) in enumerate(bodies.items()):
        provider, extractor = EXTRACTORS[name]
        _, usage = provider.extract_usage(body, api_flavor=extractor.api_flavor)
        theirs = {key: value for key, value in vars(usage).items() if value is not None}
        found[name] = (theirs, ours[number])
    return found


def test_every_api_of_the_book_is_read_as_the_package_reads_it(readings: dict) -> None:
    """Tokens by class, searches, seconds and pages of a made-up answer of each API."""
    assert len(readings) > 80
    wrong = {}
    for name, (theirs, row) in readings.items():
        case = {
            "provider_id": name[0], "model": "made-up", "usage": theirs,
            "service_tier": "standard", "moment": AS_OF,
        }  # fmt: skip
        expected = sums_and_parts(usage_row(0, case), set(theirs))
        # Citations are output to the package, and have a price of their own to us.
        expected["output"] -= theirs.get("output_citation_tokens", 0)
        expected |= {unit: theirs[key] for key, unit in UNITS.items() if key in theirs}
        found = sums_and_parts(row, set(theirs))
        found |= {unit: row[unit] for key, unit in UNITS.items() if key in theirs}
        differ = {key: (found[key], each) for key, each in expected.items() if found[key] != each}
        if differ or not row["adds_up"]:
            wrong[name] = differ or row
    assert not wrong
