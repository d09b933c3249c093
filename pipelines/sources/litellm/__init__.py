"""LiteLLM spend logs: what the gateway metered, one record a call.

Loads raw_litellm.spend_logs from JSONL files (folder or bucket, plain or gzip), from the proxy's
API and from its own PostgreSQL table `LiteLLM_SpendLogs`. Units and token semantics: README.md.
Data flow: file, page or table -> DuckDB -> Arrow -> raw_litellm.spend_logs.
Guards against: malformed lines (quarantined with their line), a file that grows (loaded again,
the repeats are removed in the build), prompts and keys in the record (never selected).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import pyarrow as pa

from pipelines.config import SourceSettings
from pipelines.load import LoadContext
from pipelines.sources.litellm.proxy import extract_api, open_api
from pipelines.sources.litellm.records import LOG_FILES, SPEND_LOGS
from pipelines.sources.record_files import extract_files

NAME = "litellm"
TABLES = {"spend_logs": SPEND_LOGS}


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files, a proxy or a database are named."""
    named = settings.get_list("files") or settings.get("base_url")
    return bool(named or settings.get_secret("database_url"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the records that the lake does not hold yet; raise SettingsError before the first."""
    tables: list[Iterator[tuple[str, pa.Table]]] = []
    if context.settings.get_list("files"):
        tables.append(extract_files(context, LOG_FILES))
    if context.settings.get("base_url"):
        tables.append(extract_api(context, open_api(context.settings)))
    if context.settings.get_secret("database_url"):
        # SQLAlchemy takes most of a second to import; whoever loads files alone need not wait.
        from pipelines.sources.litellm.database import open_database
        from pipelines.sources.litellm.postgres import extract_table

        tables.append(extract_table(context, open_database(context.settings)))
    yield from chain.from_iterable(tables)
