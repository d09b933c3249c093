"""Usage objects become disjoint classes: each family's traps, worked out by hand."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.price_book import TOKEN_CLASSES, UNITS, PriceBook
from tests.usage_objects import FAMILIES, token_classes_of

# family, usage object, classes that are not zero, whether the counts agree with each other
CASES: dict[str, tuple[str, dict[str, Any], dict[str, int], bool]] = {
    "cached and audio tokens are inside of the prompt, reasoning inside of the completion": (
        "openai_chat",
        {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150,
         "prompt_tokens_details": {"cached_tokens": 30, "audio_tokens": 10,
                                   "cache_write_tokens": 5},
         "completion_tokens_details": {"reasoning_tokens": 20, "audio_tokens": 7}},
        {"input_uncached": 55, "cache_read": 30, "cache_write_5m": 5, "input_audio": 10,
         "output": 23, "reasoning": 20, "output_audio": 7}, True),
    "DeepSeek's word for a cache hit": (
        "openai_chat",
        {"prompt_tokens": 100, "completion_tokens": 5, "prompt_cache_hit_tokens": 64,
         "prompt_cache_miss_tokens": 36},
        {"input_uncached": 36, "cache_read": 64, "output": 5}, True),
    "the same hit told twice counts once": (
        "openai_chat",
        {"prompt_tokens": 100, "completion_tokens": 5, "prompt_cache_hit_tokens": 64,
         "prompt_tokens_details": {"cached_tokens": 64}},
        {"input_uncached": 36, "cache_read": 64, "output": 5}, True),
    "more cached than sent contradicts itself": (
        "openai_chat", {"prompt_tokens": 10, "prompt_tokens_details": {"cached_tokens": 30}},
        {"input_uncached": -20, "cache_read": 30}, False),
    "null and missing details are none": (
        "openai_chat", {"prompt_tokens": 3, "completion_tokens": 2, "prompt_tokens_details": None},
        {"input_uncached": 3, "output": 2}, True),
    "Databricks and Modal tell what was cached, and reasoning, at the top": (
        "openai_chat",
        {"prompt_tokens": 1000, "completion_tokens": 50, "cache_read_input_tokens": 800,
         "reasoning_tokens": 20},
        {"input_uncached": 200, "cache_read": 800, "output": 30, "reasoning": 20}, True),
    "a transcription says its details in the singular": (
        "openai_responses",
        {"type": "tokens", "input_tokens": 140, "output_tokens": 30, "total_tokens": 170,
         "input_token_details": {"text_tokens": 20, "audio_tokens": 120}},
        {"input_uncached": 20, "input_audio": 120, "output": 30}, True),
    "an event of Cursor's": (
        "bedrock_converse",
        {"inputTokens": 10, "outputTokens": 4, "cacheReadTokens": 100, "cacheWriteTokens": 7},
        {"input_uncached": 10, "cache_read": 100, "cache_write_5m": 7, "output": 4}, True),
    "an embedding of Cohere's": (
        "cohere_billed", {"billed_units": {"input_tokens": 17}}, {"input_uncached": 17}, True),
    "Alibaba tells what it wrote to the cache inside of the details": (
        "openai_chat",
        {"prompt_tokens": 3019, "completion_tokens": 104, "total_tokens": 3123,
         "prompt_tokens_details": {
             "cached_tokens": 2048, "cache_creation_input_tokens": 500,
             "cache_creation": {"ephemeral_5m_input_tokens": 400,
                                "ephemeral_1h_input_tokens": 100}}},
        {"input_uncached": 471, "cache_read": 2048, "cache_write_5m": 400,
         "cache_write_1h": 100, "output": 104}, True),
    "its own API names the cache as chat completions do": (
        "openai_responses",
        {"input_tokens": 22, "output_tokens": 17, "total_tokens": 39,
         "prompt_tokens_details": {"cached_tokens": 8}},
        {"input_uncached": 14, "cache_read": 8, "output": 17}, True),
    "Anthropic's cache, handed on, stands beside a prompt that cannot hold it": (
        "openai_chat",
        {"prompt_tokens": 74, "completion_tokens": 402, "cache_read_input_tokens": 500,
         "cache_creation_input_tokens": 100},
        {"input_uncached": 74, "cache_read": 500, "cache_write_5m": 100, "output": 402}, True),
    "or where the total says so": (
        "openai_chat",
        {"prompt_tokens": 900, "completion_tokens": 10, "total_tokens": 1510,
         "prompt_tokens_details": {"cached_tokens": 500}, "cache_read_input_tokens": 500,
         "cache_creation_input_tokens": 100},
        {"input_uncached": 900, "cache_read": 500, "cache_write_5m": 100, "output": 10}, True),
    "audio that was cached, and not told apart, is cached": (
        "openai_chat",
        {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500,
         "prompt_tokens_details": {"cached_tokens": 640, "audio_tokens": 700}},
        {"cache_read": 640, "input_audio": 360, "output": 500}, True),
    "more audio than the prompt contradicts itself": (
        "openai_chat",
        {"prompt_tokens": 10, "completion_tokens": 5,
         "prompt_tokens_details": {"audio_tokens": 70}},
        {"input_uncached": -60, "input_audio": 70, "output": 5}, False),
    "reasoning that the completion cannot hold stands beside it": (
        "openai_chat",
        {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 300,
         "completion_tokens_details": {"reasoning_tokens": 292}},
        {"input_uncached": 5, "output": 3, "reasoning": 292}, True),
    "Voxtral bills what it heard by time": (
        "openai_chat",
        {"prompt_tokens": 4, "completion_tokens": 635, "prompt_audio_seconds": 203},
        {"input_uncached": 4, "output": 635, "audio_second": 203}, True),
    "a transcription may tell seconds and no tokens": (
        "openai_responses", {"type": "duration", "seconds": 37}, {"audio_second": 37}, True),
    "cached images of the images' interface": (
        "openai_responses",
        {"input_tokens": 840, "output_tokens": 4160, "total_tokens": 5000,
         "input_tokens_details": {"text_tokens": 40, "image_tokens": 800, "cached_tokens": 620,
                                  "cached_tokens_details": {"text_tokens": 20,
                                                            "image_tokens": 600}}},
        {"input_uncached": 20, "cache_read": 20, "cache_read_image": 600, "input_image": 200,
         "output": 4160}, True),
    "a realtime call that does not tell what it had cached": (
        "openai_realtime",
        {"input_tokens": 132, "output_tokens": 121,
         "input_token_details": {"text_tokens": 19, "audio_tokens": 113, "cached_tokens": 64},
         "output_token_details": {"text_tokens": 30, "audio_tokens": 91}},
        {"cache_read": 64, "input_audio": 68, "output": 30, "output_audio": 91}, True),
    "a compaction is billed beside the answer": (
        "anthropic",
        {"input_tokens": 23000, "output_tokens": 1000, "iterations": [
            {"type": "compaction", "input_tokens": 180000, "output_tokens": 3500,
             "cache_read_input_tokens": 70},
            {"type": "message", "input_tokens": 23000, "output_tokens": 1000}]},
        {"input_uncached": 203000, "cache_read": 70, "output": 4500}, True),
    "the Live API calls its answer a response": (
        "gemini",
        {"promptTokenCount": 120, "responseTokenCount": 80, "totalTokenCount": 200,
         "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 100}],
         "responseTokensDetails": [{"modality": "AUDIO", "tokenCount": 75},
                                   {"modality": "TEXT", "tokenCount": 5}]},
        {"input_uncached": 20, "input_audio": 100, "output": 5, "output_audio": 75}, True),
    "Google's SDKs write with underscores": (
        "gemini",
        {"prompt_token_count": 50, "cached_content_token_count": 10,
         "tool_use_prompt_token_count": 6, "candidates_token_count": 100,
         "thoughts_token_count": 250, "total_token_count": 406,
         "prompt_tokens_details": [{"modality": "AUDIO", "token_count": 30}],
         "cache_tokens_details": [{"modality": "AUDIO", "token_count": 4}]},
        {"input_uncached": 20, "cache_read": 6, "cache_read_audio": 4, "input_audio": 26,
         "output": 100, "reasoning": 250}, True),
    "Converse may tell the lifetimes alone": (
        "bedrock_converse",
        {"inputTokens": 30, "outputTokens": 6,
         "cacheDetails": [{"ttl": "1h", "inputTokens": 25}, {"ttl": "5m", "inputTokens": 35}]},
        {"input_uncached": 30, "cache_write_5m": 35, "cache_write_1h": 25, "output": 6}, True),
    "an embedding of Cohere's may be of images": (
        "cohere_billed", {"billed_units": {"input_tokens": 12, "image_tokens": 800}},
        {"input_uncached": 12, "input_image": 800}, True),
    "an embedding has a prompt only": (
        "openai_embeddings", {"prompt_tokens": 8, "total_tokens": 8}, {"input_uncached": 8}, True),
    "responses hold cached, written and reasoning tokens": (
        "openai_responses",
        {"input_tokens": 100, "output_tokens": 40,
         "input_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 10},
         "output_tokens_details": {"reasoning_tokens": 30}},
        {"input_uncached": 30, "cache_read": 60, "cache_write_5m": 10, "output": 10,
         "reasoning": 30}, True),
    "cached audio is cached, not audio as well": (
        "openai_realtime",
        {"input_tokens": 100, "output_tokens": 40,
         "input_token_details": {"audio_tokens": 50, "cached_tokens": 30,
                                 "cached_tokens_details": {"audio_tokens": 20}},
         "output_token_details": {"audio_tokens": 25}},
        {"input_uncached": 40, "cache_read": 10, "cache_read_audio": 20, "input_audio": 30,
         "output": 15, "output_audio": 25}, True),
    "images have their own part of a realtime call": (
        "openai_realtime",
        {"input_tokens": 1000, "output_tokens": 500,
         "input_token_details": {
             "text_tokens": 600, "audio_tokens": 250, "image_tokens": 150, "cached_tokens": 400,
             "cached_tokens_details": {"text_tokens": 250, "audio_tokens": 100,
                                       "image_tokens": 50}},
         "output_token_details": {"text_tokens": 200, "audio_tokens": 300}},
        {"input_uncached": 350, "cache_read": 250, "cache_read_audio": 100,
         "cache_read_image": 50, "input_audio": 150, "input_image": 100, "output": 200,
         "output_audio": 300}, True),
    "what is made of images is told by the images' own interface": (
        "openai_responses",
        {"input_tokens": 50, "output_tokens": 1060, "total_tokens": 1110,
         "input_tokens_details": {"text_tokens": 10, "image_tokens": 40},
         "output_tokens_details": {"image_tokens": 1056, "text_tokens": 4}},
        {"input_uncached": 10, "input_image": 40, "output": 4, "output_image": 1056}, True),
    "an image that was cached, and not told apart, is cached": (
        "openai_chat",
        {"prompt_tokens": 1000, "completion_tokens": 5,
         "prompt_tokens_details": {"cached_tokens": 900, "image_tokens": 800}},
        {"cache_read": 900, "input_image": 100, "output": 5}, True),
    "xAI's reasoning stands beside the completion": (
        "xai_chat",
        {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 85,
         "completion_tokens_details": {"reasoning_tokens": 70}},
        {"input_uncached": 10, "output": 5, "reasoning": 70}, True),
    "xAI's reasoning is inside where its total says so": (
        "xai_chat",
        {"prompt_tokens": 10, "completion_tokens": 75, "total_tokens": 85,
         "completion_tokens_details": {"reasoning_tokens": 70}},
        {"input_uncached": 10, "output": 5, "reasoning": 70}, True),
    "Perplexity's citations and searches have their own prices": (
        "perplexity_chat",
        {"prompt_tokens": 10, "completion_tokens": 5, "citation_tokens": 4, "reasoning_tokens": 3,
         "num_search_queries": 2},
        {"input_uncached": 10, "output": 5, "reasoning": 3, "citation_token": 4, "web_search": 2},
        True),
    "its agents tell searches by the tool": (
        "openai_responses",
        {"input_tokens": 10, "output_tokens": 5,
         "tool_calls_details": {"search_web": {"invocation": 3}}},
        {"input_uncached": 10, "output": 5, "web_search": 3}, True),
    "what is heard live is billed by time": (
        "openai_live", {"seconds": 12.5}, {"audio_second": Decimal("12.5")}, True),
    "a voice's minutes stand beside its tokens": (
        "xai_realtime",
        {"input_tokens": 10, "output_tokens": 5, "billable_audio_seconds": 7,
         "input_token_details": {"audio_tokens": 4}},
        {"input_uncached": 6, "input_audio": 4, "output": 5, "audio_second": 7}, True),
    "documents are read by the page": (
        "mistral_ocr", {"pages_processed": 29, "doc_size_bytes": 3002783}, {"page": 29}, True),
    "a usage of another family is not none": (
        "anthropic", {"promptTokenCount": 100, "candidatesTokenCount": 20}, {}, False),
    "Anthropic's input leaves out the cache, and writes have two lifetimes": (
        "anthropic",
        {"input_tokens": 10, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 50,
         "cache_creation": {"ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 30},
         "output_tokens": 40, "output_tokens_details": {"thinking_tokens": 15},
         "server_tool_use": {"web_search_requests": 2}},
        {"input_uncached": 10, "cache_read": 100, "cache_write_5m": 20, "cache_write_1h": 30,
         "output": 25, "reasoning": 15, "web_search": 2}, True),
    "a write without a lifetime is one of five minutes": (
        "anthropic",
        {"input_tokens": 10, "cache_creation_input_tokens": 50, "output_tokens": 1},
        {"input_uncached": 10, "cache_write_5m": 50, "output": 1}, True),
    "Gemini's thoughts and a tool's prompt stand beside, cached content inside": (
        "gemini",
        {"promptTokenCount": 100, "cachedContentTokenCount": 40, "toolUsePromptTokenCount": 7,
         "candidatesTokenCount": 20, "thoughtsTokenCount": 9, "totalTokenCount": 136,
         "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 70},
                                 {"modality": "AUDIO", "tokenCount": 30}],
         "cacheTokensDetails": [{"modality": "AUDIO", "tokenCount": 10}],
         "candidatesTokensDetails": [{"modality": "AUDIO", "tokenCount": 15}]},
        {"input_uncached": 47, "cache_read": 30, "cache_read_audio": 10, "input_audio": 20,
         "output": 5, "output_audio": 15, "reasoning": 9}, True),
    "Gemini's pages are images, and a film is a video": (
        "gemini",
        {"promptTokenCount": 1000, "candidatesTokenCount": 1200, "totalTokenCount": 2200,
         "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 100},
                                 {"modality": "IMAGE", "tokenCount": 258},
                                 {"modality": "DOCUMENT", "tokenCount": 42},
                                 {"modality": "VIDEO", "tokenCount": 600}],
         "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1120}]},
        {"input_uncached": 100, "input_image": 300, "input_video": 600, "output": 80,
         "output_image": 1120}, True),
    "Gemini's own cache takes of images what it does not tell": (
        "gemini",
        {"promptTokenCount": 1000, "cachedContentTokenCount": 900, "candidatesTokenCount": 1,
         "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 200},
                                 {"modality": "IMAGE", "tokenCount": 800}]},
        {"cache_read": 900, "input_image": 100, "output": 1}, True),
    "Converse leaves the cache out and tells lifetimes in a list": (
        "bedrock_converse",
        {"inputTokens": 10, "outputTokens": 4, "cacheReadInputTokens": 100,
         "cacheWriteInputTokens": 60, "cacheDetails": [{"ttl": "1h", "inputTokens": 25},
                                                       {"ttl": "5m", "inputTokens": 35}]},
        {"input_uncached": 10, "cache_read": 100, "cache_write_5m": 35, "cache_write_1h": 25,
         "output": 4}, True),
    "Cohere bills its own units": (
        "cohere_billed",
        {"billed_units": {"input_tokens": 41, "output_tokens": 28},
         "tokens": {"input_tokens": 1442, "output_tokens": 29}, "cached_tokens": 1040},
        {"input_uncached": 41, "output": 28}, True),
    "or its tokens, where those are asked for": (
        "cohere_tokens",
        {"tokens": {"input_tokens": 1442, "output_tokens": 29}, "cached_tokens": 1040},
        {"input_uncached": 402, "cache_read": 1040, "output": 29}, True),
}  # fmt: skip


def counted(row: dict[str, Any]) -> dict[str, Any]:
    """Return what a row has of each class and unit, where it is not nothing."""
    names = {f"{name}_tokens": name for name in TOKEN_CLASSES} | {
        f"{name}_count": name for name in UNITS
    }
    return {name: row[column] for column, name in names.items() if row[column]}


def test_every_family_parts_its_tokens_as_worked_out_by_hand(tmp_path: Path) -> None:
    responses = [
        {"number": number, "family": family, "usage": json.dumps(usage)}
        for number, (family, usage, *_) in enumerate(CASES.values())
    ]
    found = token_classes_of(PriceBook(tmp_path), responses)
    assert {family for family, *_ in CASES.values()} == set(FAMILIES)
    wrong = {}
    for number, (name, (_, _, expected, adds_up)) in enumerate(CASES.items()):
        row = found[number]
        classes = counted(row)
        if (classes, row["adds_up"]) != (expected, adds_up):
            wrong[name] = (classes, row["adds_up"])
    assert not wrong
