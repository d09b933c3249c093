"""Turns LiteLLM's price map (one flat object per model) into long rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Context, Decimal
from typing import Any

# The map is written by hand and by programs that use floats: 4.0000000000000003e-07 is 4e-07.
ROUNDED = Context(prec=12)
SMALLEST = Decimal("1e-18")
PRICE_KEY = re.compile(
    r"^(?P<kind>.+?)(?P<lifetime>_above_(?:1|12)hr)?(?:_above_(?P<thousands>\d+)k_tokens)?"
    r"(?:_(?P<tier>batches|flex|priority|ultrafast|balanced|decisions))?$"
)
TIERS = {"batches": "batch"}
TOKEN_CLASSES = {
    "input_cost_per_token": "input_uncached",
    "cache_read_input_token_cost": "cache_read",
    "cache_read_input_audio_token_cost": "cache_read_audio",
    "cache_read_input_image_token_cost": "cache_read_image",
    "cache_creation_input_token_cost": "cache_write_5m",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h",
    "input_cost_per_audio_token": "input_audio",
    "input_cost_per_image_token": "input_image",
    "input_cost_per_video_token": "input_video",
    "output_cost_per_token": "output",
    "output_cost_per_reasoning_token": "reasoning",
    "output_cost_per_audio_token": "output_audio",
    "output_cost_per_image_token": "output_image",
    "output_cost_per_video_token": "output_video",
}
# What is priced otherwise than by tokens. Whisper's seconds are in the map twice, as input and as
# output; `output_cost_per_second` alone is a price of video.
UNITS = {
    "search_context_cost_per_query.search_context_size_medium": "web_search",
    "input_cost_per_second": "audio_second",
    "input_cost_per_audio_per_second": "audio_second",
    "input_cost_per_character": "character",
    "output_cost_per_image": "image",
    "ocr_cost_per_page": "page",
    "citation_cost_per_token": "citation_token",
}
# Not prices of a unit: the same price in another currency (DBU), a range beside a list of prices,
# an older name of `cache_read_input_token_cost`.
NOT_A_PRICE = re.compile(r"^(input|output)_dbu_cost|^input_cost_per_token_cache_hit$")
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d|\*")
ZONES = ("apac", "eu", "us", "us-gov", "global", "global-standard")
COMMITMENT = re.compile(r"\d+-month-commitment")
Row = dict[str, Any]


def price_rows(price_map: dict[str, dict[str, Any]]) -> list[Row]:
    """Return one row per model, region, service tier, price and context tier."""
    return [
        {"map_key": key, **split_key(key, entry["litellm_provider"]), **price}
        for key, entry in price_map.items()
        if entry.get("litellm_provider") and key != "sample_spec"
        for price in _once([*_prices(entry), *_regional(entry), *_fast(entry)])
    ]


def _once(rows: list[Row]) -> list[Row]:
    """Return each price once: a list of tiers may repeat the plain price."""
    grain = ("price_kind", "service_tier", "tier_start", "region_id")
    return list({tuple(row.get(name) for name in grain): row for row in reversed(rows)}.values())


def split_key(key: str, provider: str) -> Row:
    """Return what a key says: `bedrock/eu-west-1/a.b` is provider, region and model."""
    parts = key.split("/")
    if len(parts) > 1 and _names_the_provider(parts[0], provider):
        provider_ref, parts = parts[0], parts[1:]
    else:
        provider_ref = provider
    region = commitment = None
    # An image's size leads some keys; only a cloud's region or zone is one.
    if len(parts) > 1 and provider.startswith(("bedrock", "azure", "vertex")):
        if REGION.fullmatch(parts[0]) or (parts[0] in ZONES and provider.startswith("azure")):
            region, parts = parts[0], parts[1:]
        if len(parts) > 1 and COMMITMENT.fullmatch(parts[0]):
            commitment, parts = parts[0], parts[1:]
    return {
        "litellm_provider": provider,
        "provider_ref": provider_ref,
        "model_name": "/".join(parts).lower(),
        "region_id": None if region == "*" else region,
        "commitment": commitment,
    }


def _names_the_provider(segment: str, provider: str) -> bool:
    return provider == segment or re.split(r"[-_]", provider)[0] == re.split(r"[-_]", segment)[0]


def _prices(entry: dict[str, Any]) -> Iterator[Row]:
    for key, value in entry.items():
        if "cost" not in key or NOT_A_PRICE.match(key):
            continue
        if isinstance(value, int | float | Decimal):
            yield from _row(key, value)
        elif isinstance(value, dict):
            for part, price in value.items():
                yield from _row(f"{key}.{part}", price)
    for tier in entry.get("tiered_pricing", []):
        start = int(tier["range"][0]) if "range" in tier else None
        for key, value in tier.items():
            # A tier that counts something else than tokens has no place in a price of tokens.
            if "cost" in key and start is not None:
                yield from _row(key, value, start or None)


def _row(key: str, value: Any, start: int | None = None) -> Iterator[Row]:
    price = ROUNDED.create_decimal(Decimal(str(value))).quantize(SMALLEST)
    found = PRICE_KEY.match(key)
    kind = found["kind"] + (found["lifetime"] or "")
    yield {
        "price_key": key,
        "price_kind": kind,
        "token_class": TOKEN_CLASSES.get(kind) or UNITS.get(kind),
        "service_tier": TIERS.get(found["tier"], found["tier"]) or "standard",
        "tier_start": int(found["thousands"]) * 1000 if found["thousands"] else start,
        "price": price,
    }


def _fast(entry: dict[str, Any]) -> Iterator[Row]:
    """Yield the ordinary prices of tokens again for the fast mode, where the map has its factor."""
    factor = (entry.get("provider_specific_entry") or {}).get("fast")
    for row in _prices(entry) if isinstance(factor, int | float | Decimal) else ():
        if row["token_class"] in TOKEN_CLASSES.values() and row["service_tier"] == "standard":
            price = row["price"] * Decimal(str(factor))
            yield row | {"service_tier": "fast", "price": price.quantize(SMALLEST)}


def _regional(entry: dict[str, Any]) -> Iterator[Row]:
    """Yield the prices of tokens again for each region that has a surcharge on all of them."""
    surcharges = {
        "us": (entry.get("provider_specific_entry") or {}).get("us"),
        **{
            region: entry[f"regional_processing_uplift_multiplier_{region}"]
            for region in ("us", "eu")
            if f"regional_processing_uplift_multiplier_{region}" in entry
        },
    }
    for region, factor in surcharges.items():
        for row in _prices(entry) if isinstance(factor, int | float | Decimal) else ():
            if row["token_class"] in TOKEN_CLASSES.values():
                price = row["price"] * Decimal(str(factor))
                yield row | {"region_id": region, "price": price.quantize(SMALLEST)}
