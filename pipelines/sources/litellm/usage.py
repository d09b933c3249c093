"""What is kept of a LiteLLM record's metadata: the usage object, by every provider's words."""

from __future__ import annotations

import json

# A double holds every count that is taken exactly, and does not lose one that is too large.
_TTL = {"ephemeral_5m_input_tokens": "DOUBLE", "ephemeral_1h_input_tokens": "DOUBLE"}
_INPUT = {
    "cached_tokens": "DOUBLE",
    "cache_write_tokens": "DOUBLE",
    "audio_tokens": "DOUBLE",
    "image_tokens": "DOUBLE",
}
_OUTPUT = {
    "reasoning_tokens": "DOUBLE",
    "audio_tokens": "DOUBLE",
    "image_tokens": "DOUBLE",
}
_METADATA = {
    "user_api_key_alias": "VARCHAR",
    "service_tier": "VARCHAR",
    "usage_object": {
        "cache_read_input_tokens": "DOUBLE",
        "prompt_cache_hit_tokens": "DOUBLE",
        "cached_tokens": "DOUBLE",
        "cache_creation_input_tokens": "DOUBLE",
        "cache_creation": _TTL,
        "reasoning_tokens": "DOUBLE",
        "service_tier": "VARCHAR",
        "speed": "VARCHAR",
        "inference_geo": "VARCHAR",
        "prompt_tokens_details": {
            "cached_tokens": "DOUBLE",
            "audio_tokens": "DOUBLE",
            "image_tokens": "DOUBLE",
            "video_tokens": "DOUBLE",
            "web_search_requests": "DOUBLE",
            "cache_creation_tokens": "DOUBLE",
            "cache_creation_token_details": _TTL,
            # OpenAI's and OpenRouter's words, and Alibaba's.
            "cache_write_tokens": "DOUBLE",
            "cache_creation_input_tokens": "DOUBLE",
            "cache_creation": _TTL,
        },
        "completion_tokens_details": {
            "reasoning_tokens": "DOUBLE",
            "audio_tokens": "DOUBLE",
            "image_tokens": "DOUBLE",
            "video_tokens": "DOUBLE",
        },
        # The answer's own usage, of OpenAI's other interfaces.
        "input_tokens_details": _INPUT,
        "input_token_details": _INPUT,
        "output_tokens_details": _OUTPUT,
        "output_token_details": _OUTPUT,
        "server_tool_use": {"web_search_requests": "DOUBLE"},
        # What a transcription heard, where it is billed by time.
        "seconds": "DOUBLE",
        # Perplexity's, beside the answer; and what was read of documents.
        "citation_tokens": "DOUBLE",
        "num_search_queries": "DOUBLE",
        "pages_processed": "DOUBLE",
    },
}
METADATA_SHAPE = json.dumps(_METADATA)
METADATA_FIELDS = tuple(_METADATA)

_USAGE = "m.usage_object"
_DETAILS = f"{_USAGE}.prompt_tokens_details"
_WRITTEN = f"{_DETAILS}.cache_creation_token_details", f"{_DETAILS}.cache_creation"
_FIVE, _HOUR = (
    ", ".join(
        f"{place}.ephemeral_{lifetime}_input_tokens"
        for place in (f"{_USAGE}.cache_creation", *_WRITTEN)
    )
    for lifetime in ("5m", "1h")
)
# Chat completions' words first, then the Responses API's, then the realtime one's.
_TOLD = {
    f"{side}_{kind}": ", ".join(
        f"{_USAGE}.{place}.{kind}_tokens"
        for place in (chat, f"{side}_tokens_details", f"{side}_token_details")
    )
    for side, chat in (
        ("input", "prompt_tokens_details"),
        ("output", "completion_tokens_details"),
    )
    for kind in ("cached", "audio", "image", "reasoning")
    if (side, kind) not in (("input", "reasoning"), ("output", "cached"))
}

# One count by several words: a 0 of one says nothing of the others.
COUNTS_SQL = f"""
greatest(
    {_TOLD["input_cached"]}, {_USAGE}.cache_read_input_tokens,
    {_USAGE}.prompt_cache_hit_tokens, {_USAGE}.cached_tokens
) as cache_read_tokens,
greatest({_FIVE}) as cache_write_5m_tokens,
greatest({_HOUR}) as cache_write_1h_tokens,
greatest(
    {_USAGE}.cache_creation_input_tokens, {_DETAILS}.cache_creation_tokens,
    {_DETAILS}.cache_write_tokens, {_DETAILS}.cache_creation_input_tokens,
    {_USAGE}.input_tokens_details.cache_write_tokens
) as cache_write_tokens,
greatest({_TOLD["output_reasoning"]}, {_USAGE}.reasoning_tokens) as reasoning_tokens,
greatest({_TOLD["input_audio"]}) as input_audio_tokens,
greatest({_TOLD["output_audio"]}) as output_audio_tokens,
greatest({_TOLD["input_image"]}) as input_image_tokens,
{_DETAILS}.video_tokens as input_video_tokens,
greatest({_TOLD["output_image"]}) as output_image_tokens,
{_USAGE}.completion_tokens_details.video_tokens as output_video_tokens,
coalesce(
    {_USAGE}.server_tool_use.web_search_requests,
    {_DETAILS}.web_search_requests, {_USAGE}.num_search_queries
) as web_search_count,
{_USAGE}.seconds as audio_second_count,
{_USAGE}.citation_tokens as citation_token_count,
{_USAGE}.pages_processed as page_count
"""
TIER_SQL = f"""
case
    when lower({_USAGE}.speed) = 'fast' then 'fast'
    else coalesce({_USAGE}.service_tier, m.service_tier)
end as service_tier
"""
