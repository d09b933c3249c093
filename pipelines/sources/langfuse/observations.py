"""What is kept of an observation: exports write snake_case, the API camelCase."""

from __future__ import annotations

from typing import Any

from pipelines.sources.records import Field


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


def _plain(name: str, kind: Any = "text", path: str = "", **options: Any) -> Field:
    way = path or name
    return Field(name, kind, path=way, also=(_camel(way),), **options)


def _usage(name: str, *keys: str) -> Field:
    """Return a count out of the usage map, by the first of its keys that is there."""
    first, *others = [(column, key) for key in keys for column in ("usage_details", "usageDetails")]
    return Field(name, "count", path=first, also=tuple(others))


def _metadata(name: str, *keys: str) -> Field:
    """Return what OpenTelemetry's attributes or a framework left in the metadata."""
    ways = [way for key in keys for way in (("metadata", "attributes", key), ("metadata", key))]
    return Field(name, path=ways[0], also=tuple(ways[1:]))


FIELDS = (
    _plain("observation_id", path="id", is_required=True),
    _plain("observation_type", path="type", is_required=True),
    _plain("trace_id"),
    _plain("parent_observation_id"),
    _plain("started_at", "moment", "start_time", is_required=True),
    _plain("ended_at", "moment", "end_time"),
    _plain("updated_at", "moment"),
    _plain("environment"),
    _plain("level"),
    Field("model", path="provided_model_name", also=("providedModelName", "model")),
    _plain("project_id"),
    _plain("session_id"),
    _plain("user_id", is_personal=True),
    _metadata("provider", "gen_ai.provider.name", "gen_ai.system", "ls_provider"),
    _metadata("response_id", "gen_ai.response.id"),
    _usage("input_tokens", "input", "input_tokens", "prompt_tokens", "promptTokens"),
    _usage(
        "cache_read_tokens", "input_cached_tokens", "input_cache_read", "cache_read_input_tokens",
        "input_cache_read_tokens",
    ),
    _usage(
        "cache_write_tokens", "input_cache_creation", "cache_creation_input_tokens",
        "input_cache_creation_tokens",
    ),
    _usage("cache_write_5m_tokens", "input_cache_creation_5m"),
    _usage("cache_write_1h_tokens", "input_cache_creation_1h"),
    _usage("input_audio_tokens", "input_audio_tokens", "input_audio"),
    _usage("input_image_tokens", "input_image_tokens", "input_image"),
    _usage("input_video_tokens", "input_video_tokens", "input_video"),
    _usage("output_tokens", "output", "output_tokens", "completion_tokens", "completionTokens"),
    _usage("reasoning_tokens", "output_reasoning_tokens", "output_reasoning", "reasoning_tokens"),
    _usage("output_audio_tokens", "output_audio_tokens", "output_audio"),
    _usage("output_image_tokens", "output_image_tokens", "output_image"),
    _usage("output_video_tokens", "output_video_tokens", "output_video"),
    _usage("total_tokens", "total", "total_tokens", "totalTokens"),
    _plain("cost_usd", "decimal", "total_cost"),
    _plain("usage_pricing_tier_name"),
)  # fmt: skip
