"""Two books, regions, aliases, discounts: whose price counts, how found, what is disputed."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import pipelines.sources.litellm_prices
from pipelines.config import load_settings
from tests.price_book import ROOT, TOKEN_CLASSES, PriceBook, build_price_book, is_map_installed
from tests.project.test_price_book import MILLION, override

pytestmark = pytest.mark.skipif(
    not is_map_installed(), reason="the second price book is not installed: run `make install`"
)

BEDROCK = "anthropic.claude-sonnet-4-5-20250929-v1:0"
DEPLOYED = ("Microsoft", "Prod-Chat")
PROFILES = "arn:aws:bedrock:eu-west-1:123456789012:inference-profile"
APPLICATIONS = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile"
LOCATION = "projects/p/locations/us-central1"
HAIKU = ("Anthropic", "claude-haiku-4-5")
LLAMA = ("AWS", "meta.llama3-8b-instruct-v1:0")
SONNET = ("Anthropic", "claude-sonnet-4-6")
CODE = ("xAI", "grok-code-fast-1")
ALIASES = [
    {
        "service_provider_name": "Microsoft", "alias": "prod-chat", "stands_for": "gpt-4o",
        "valid_from": date(2026, 1, 1), "valid_to": date(2026, 6, 1),
    },
    {
        "service_provider_name": "Microsoft", "alias": "prod-chat", "stands_for": "gpt-4o-mini",
        "valid_from": date(2026, 7, 1), "valid_to": None,
    },
    {
        "service_provider_name": "OpenAI", "alias": "acme/*", "stands_for": "*",
        "valid_from": None, "valid_to": None,
    },
]  # fmt: skip
DISCOUNTS = [
    {
        "service_provider_name": "Anthropic", "discount_percent": Decimal("12.5"),
        "valid_from": date(2026, 10, 1), "valid_to": date(2027, 1, 1),
    },
]  # fmt: skip
OVERRIDES = [override(HAIKU, "output", "2", since=date(2026, 11, 1))]


class Case(NamedTuple):
    """One usage, and what it costs by the list and as agreed, how found, in which book."""

    name: tuple[str, str]
    region: str | None
    moment: str
    tier: str
    tokens: dict[str, int]
    list_cost: str | None
    contracted_cost: str | None
    match: str
    book: str | None
    is_disputed: bool


def case(
    name: tuple[str, str],
    tokens: dict[str, int],
    cost: str | None,
    match: str,
    book: str | None,
    *,
    agreed: str | None = None,
    region: str | None = None,
    moment: str = "2026-11-20 12:00",
    tier: str = "standard",
    disputed: bool = False,
) -> Case:
    """Return a case; without another agreed cost that of the list is."""
    return Case(name, region, moment, tier, tokens, cost, agreed or cost, match, book, disputed)


GENAI, MAP = "genai_prices", "litellm_prices"
SHORT = {"input_uncached": 100_000}
ONE = {"output": MILLION}
CASES = {
    "what AWS sells is priced by the map, and the difference is told": case(
        ("AWS", BEDROCK), SHORT, "0.3", "exact", MAP, disputed=True),
    "a geography on which both agree is not disputed": case(
        ("AWS", f"us.{BEDROCK}"), SHORT, "0.33", "exact", MAP),
    "a geography that only the map knows": case(
        ("AWS", "eu.amazon.nova-pro-v1:0"), SHORT, "0.105", "exact", MAP, disputed=True),
    "below a cliff that one book lacks the books agree": case(
        ("AWS", "bedrock_mantle/openai.gpt-5.5"), SHORT, "0.55", "exact", MAP),
    "above it they do not": case(
        ("AWS", "bedrock_mantle/openai.gpt-5.5"), {"input_uncached": 300_000}, "3.3", "exact", MAP,
        disputed=True),
    "a region has its own price": case(
        LLAMA, ONE, "0.72", "exact", MAP, region="ap-south-1"),
    "a region is found however it is written": case(
        LLAMA, ONE, "0.72", "exact", MAP, region="AP-South-1"),
    "a region that no book knows costs what the provider takes by default": case(
        LLAMA, ONE, "0.6", "exact", MAP, region="mars-north-1"),
    "no region is the default": case(LLAMA, ONE, "0.6", "exact", MAP),
    "a zone's surcharge is on every class": case(
        SONNET, {"input_uncached": 100_000, "cache_read": 100_000}, "0.363", "override", MAP,
        agreed="0.317625", region="us"),
    "without the zone there is none": case(
        SONNET, {"input_uncached": 100_000, "cache_read": 100_000}, "0.33", "override", GENAI,
        agreed="0.28875"),
    "Azure is global by default": case(
        ("Microsoft", "gpt-4o-mini"), {"input_uncached": MILLION}, "0.15", "host_mapped", GENAI),
    "and dearer in a zone": case(
        ("Microsoft", "gpt-4o-mini"), {"input_uncached": MILLION}, "0.165", "exact", MAP,
        region="eu"),
    "a reseller's price is not the maker's": case(
        ("Microsoft", "deepseek-v4-pro"), {"input_uncached": MILLION}, "1.74", "exact", MAP,
        disputed=True),
    "batch of what AWS sells": case(
        ("AWS", BEDROCK), SHORT, "0.15", "exact", MAP, tier="batch", disputed=True),
    "a time of day that one book lacks is that of the other": case(
        ("DeepSeek", "deepseek-v4-pro"), ONE, "1.98", "exact", GENAI,
        moment="2026-11-20 05:00", disputed=True),
    "in the dear hours they agree": case(
        ("DeepSeek", "deepseek-v4-pro"), ONE, "3.96", "exact", GENAI, moment="2026-11-20 02:00"),
    "a price that was cut since is not a dispute": case(
        ("OpenAI", "gpt-5.6-sol"), ONE, "30", "exact", GENAI, moment="2026-08-20 12:00"),
    "a price that is known to be open is disputed though the books agree": case(
        ("OpenAI", "gpt-3.5-turbo"), ONE, "1.5", "exact", GENAI, disputed=True),
    "a name with a date is told": case(
        ("OpenAI", "gpt-5.2-20251211"), ONE, "14", "date_stripped", GENAI),
    "a name that only the map has": case(
        ("Oracle", "xai.grok-4"), {"input_uncached": MILLION}, "3", "exact", MAP),
    "a deployment before its alias has no price": case(
        DEPLOYED, ONE, None, "none", None, moment="2025-12-31 23:59"),
    "a deployment is what its alias says": case(
        DEPLOYED, ONE, "10", "alias", GENAI, moment="2026-01-01 00:00"),
    "between two aliases it is nothing": case(
        DEPLOYED, ONE, None, "none", None, moment="2026-06-01 00:00"),
    "and then what the next one says": case(
        DEPLOYED, ONE, "0.6", "alias", GENAI, moment="2026-07-01 00:00"),
    "an alias of a prefix": case(
        ("OpenAI", "acme/gpt-4o"), ONE, "10", "alias", GENAI),
    "a name before it was redirected": case(
        CODE, ONE, "1.5", "exact", GENAI, moment="2026-05-14 23:59", disputed=True),
    "a redirected name costs what it now is": case(
        CODE, ONE, "2.5", "alias", GENAI, moment="2026-05-15 00:00"),
    "a discount is off the list": case(
        SONNET, ONE, "15", "override", GENAI, agreed="13.125"),
    "before it the list holds": case(
        SONNET, ONE, "15", "exact", GENAI, moment="2026-09-30 23:59"),
    "a negotiated price comes before a discount": case(
        HAIKU, ONE, "5", "override", GENAI, agreed="2"),
    "a tier that nobody prices is a fallback": case(
        ("OpenAI", "gpt-4o"), ONE, "10", "fallback", GENAI, tier="flex"),
    "the dearest tier is no assumption": case(
        ("OpenAI", "gpt-6-astra"), ONE, "300", "exact", MAP, tier="ultrafast"),
    "and has its own step": case(
        ("OpenAI", "gpt-6-astra"), {"input_uncached": 300_000}, "36", "exact", MAP,
        tier="ultrafast"),
    "an ARN ends with the model": case(
        ("AWS", f"{PROFILES}/eu.amazon.nova-pro-v1:0"), SHORT, "0.105", "exact", MAP,
        disputed=True),
    "so does LiteLLM's name of an interface": case(
        ("AWS", "converse/eu.amazon.nova-pro-v1:0"), SHORT, "0.105", "exact", MAP, disputed=True),
    "and a resource of Google's": case(
        ("Google", f"{LOCATION}/publishers/google/models/gemini-2.5-pro"), SHORT, "0.125", "exact",
        GENAI),
    "a profile of one's own does not": case(
        ("AWS", f"{APPLICATIONS}/x1y2z3"), SHORT, None, "none", None),
    "an embedding that Vertex sells": case(
        ("Google", "text-embedding-005"), SHORT, "0.01", "exact", MAP),
    "what nobody knows has no price": case(
        ("OpenAI", "never-heard-of"), ONE, None, "none", None),
}  # fmt: skip


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> PriceBook:
    names = {
        (*each.name, *([each.region.lower()] if each.region else [""])) for each in CASES.values()
    }
    return build_price_book(
        tmp_path_factory.mktemp("matches"), sorted(names), OVERRIDES,
        aliases=ALIASES, discounts=DISCOUNTS,
    )  # fmt: skip


def test_every_case_is_priced_matched_and_disputed_as_worked_out(book: PriceBook) -> None:
    """Costs, way of match, book and dispute of each case; differences are named."""
    usages = [
        {
            "usage_id": number,
            "service_provider_name": each.name[0],
            "model_name": each.name[1],
            "service_tier": each.tier,
            "region_id": each.region,
            "started_at": datetime.fromisoformat(each.moment),
            **{f"{name}_tokens": each.tokens.get(name, 0) for name in TOKEN_CLASSES},
        }
        for number, each in enumerate(CASES.values())
    ]
    rows = book.price(usages)
    assert len(rows) == len(CASES)
    wrong: dict[str, Any] = {}
    for (name, each), row in zip(CASES.items(), rows, strict=True):
        costs = [None if cost is None else Decimal(cost) for cost in each[5:7]]
        found = (row["list_cost"], row["contracted_cost"])
        told = (row["price_match"], row["price_book"], row["is_disputed"])
        if each.match == "override":
            told = (row["price_match"], each.book, row["is_disputed"])
        if found != tuple(costs) or told != each[7:]:
            wrong[name] = {"expected": (*costs, *each[7:]), "found": (*found, *told)}
    assert not wrong


def test_the_books_agree_on_most_and_a_dispute_lists_both(book: PriceBook) -> None:
    """As the notes found: some nine of ten names agree; every dispute names values and a rule."""
    [(keys, disputed)] = book.query(
        "select count(distinct map_key), count(distinct case when is_disputed then map_key end) "
        "from intermediate.int_price_differences"
    )
    print(f"\n{keys} models in both books, {disputed} with a price that is disputed")
    assert keys > 700
    assert 0 < disputed < keys / 5
    [(rows, whole)] = book.query(
        "select count(*), count(*) filter (where genai_unit_price is not null "
        "and litellm_unit_price is not null and reason <> '' and preferred_book <> '') "
        "from core.dim_price_disputes"
    )
    assert rows == whole > 0
    [(marked,)] = book.query(
        "select count(*) from core.dim_prices where is_disputed and other_unit_price is null"
    )
    assert marked == 0


def test_a_price_says_where_it_is_from_and_when_it_was_checked(book: PriceBook) -> None:
    """Each list price has a book, an edition and a day; each version of the book a number."""
    [(silent,)] = book.query(
        "select count(*) from core.dim_prices where price_source = 'list' "
        "and (source_version is null or checked_date is null)"
    )
    assert silent == 0
    assert book.query("select price_version, source_name from core.dim_price_versions order by 1") \
        == [(1, "genai_prices"), (2, "litellm_prices")]  # fmt: skip
    assert book.query("select distinct price_version from intermediate.int_price_rates") == [(2,)]


def test_every_branch_of_a_known_provider_is_known() -> None:
    """The map parts what a provider sells by kind (`vertex_ai-embedding-models`)."""
    seed = (ROOT / "seeds/reference/service_providers.csv").read_text().splitlines()[1:]
    known = {line.split(",")[0] for line in seed}
    source = pipelines.sources.litellm_prices
    package = source.find_package(load_settings("unused").source("litellm_prices"))
    assert package is not None
    rows = source.price_rows(json.loads(Path(package.locate_file(source.MAP_FILE)).read_text()))
    words = {frozenset((row["provider_ref"], row["litellm_provider"])) for row in rows}
    assert len(words) > 100
    unknown = {word for pair in words if not pair & known for word in pair}
    assert {word for word in unknown if word.split("-")[0] in known} == set()
