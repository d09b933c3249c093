"""A provider's usage object to token classes, by the project's own macros, in DuckDB."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa

from tests.price_book import TOKEN_CLASSES, UNITS, PriceBook

FAMILIES = (
    "openai_chat", "openai_responses", "openai_embeddings", "openai_realtime", "openai_live",
    "xai_chat", "xai_realtime", "perplexity_chat", "anthropic", "gemini", "bedrock_converse",
    "cohere_billed", "cohere_tokens", "mistral_ocr",
)  # fmt: skip
BY_PROVIDER = {
    ("anthropic", "default"): "anthropic",
    ("minimax", "default"): "anthropic",
    ("google", "default"): "gemini",
    ("aws", "default"): "bedrock_converse",
    ("cohere", "default"): "cohere_billed",
    ("cohere", "embeddings"): "cohere_billed",
    ("cursor", "usage-event"): "bedrock_converse",
    ("cohere", "tokens"): "cohere_tokens",
    ("x-ai", "default"): "xai_chat",
    ("x-ai", "chat"): "xai_chat",
    ("x-ai", "realtime"): "xai_realtime",
    ("mistral", "ocr"): "mistral_ocr",
    ("mistral", "ocr_annotated"): "mistral_ocr",
    ("perplexity", "default"): "perplexity_chat",
    ("openrouter", "default"): "openai_responses",
    ("openai-decisions", "default"): "openai_responses",
    ("typesafe", "default"): "openai_responses",
}
BY_FLAVOR = {
    "anthropic": "anthropic",
    "responses": "openai_responses",
    "images": "openai_responses",
    "decisions": "openai_responses",
    "systemone": "openai_responses",
    "embeddings": "openai_embeddings",
    "realtime": "openai_realtime",
    "live": "openai_live",
    "chat": "openai_chat",
    "default": "openai_chat",
}


def family_of(provider_id: str, api_flavor: str) -> str | None:
    """Return how an API of a provider writes its usage; None where it is not known."""
    return BY_PROVIDER.get((provider_id, api_flavor)) or BY_FLAVOR.get(api_flavor)


def statement(book: PriceBook) -> str:
    """Return SQL over `responses` (number, family, usage) that gives the classes of each."""
    parts = []
    for family in FAMILIES:
        columns = ", ".join(
            f"{{{{ token_count('{name}', usage_tokens('{family}', 'usage')) }}}} as {name}_tokens"
            for name in TOKEN_CLASSES
        )
        units = ", ".join(
            f"{{{{ unit_count('{name}', usage_tokens('{family}', 'usage')) }}}} as {name}_count"
            for name in UNITS
        )
        identity, told = (
            f"{{{{ {check}(usage_tokens('{family}', 'usage')) }}}}"
            for check in ("token_identity", "usage_is_told")
        )
        parts.append(
            f"select number, {columns}, {units}, {told} and {identity} as adds_up from responses "
            f"where family = '{family}'"
        )
    return book.compile(" union all ".join(parts))


def token_classes_of(book: PriceBook, responses: list[dict[str, Any]]) -> dict[int, dict]:
    """Return the classes of each response by its number, with whether its counts agree."""
    schema = pa.schema([("number", pa.int64()), ("family", pa.string()), ("usage", pa.string())])
    sql = statement(book)
    with duckdb.connect() as connection:
        connection.register("responses", pa.Table.from_pylist(responses, schema=schema))
        rows = connection.sql(sql).to_arrow_table().to_pylist()
    return {row["number"]: row for row in rows}
