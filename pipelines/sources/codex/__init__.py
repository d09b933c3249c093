"""Codex's session logs: what a developer's machine wrote down of its calls.

Loads raw_codex.token_counts from the rollout files below `~/.codex/sessions`. Units and token
semantics: README.md. Guards against: events that tell of no call (passed over), model and session
that only earlier lines name (carried down), prompts and answers (never selected).
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from pipelines.config import SourceSettings
from pipelines.load import LoadContext
from pipelines.sources.declared import declared_files
from pipelines.sources.persons import with_person_of_path
from pipelines.sources.record_files import extract_files
from pipelines.sources.records import Field, table_of

NAME = "codex"
_INFO = "payload.info"
_KINDS = {
    "input_tokens": "input_tokens",
    "cache_read_tokens": "cached_input_tokens",
    "cache_write_tokens": "cache_write_input_tokens",
    "output_tokens": "output_tokens",
    "reasoning_tokens": "reasoning_output_tokens",
    "total_tokens": "total_tokens",
}
FIELDS = (
    Field("conversation_id", path="carried.conversation_id"),
    Field("session_id", path="carried.session_id"),
    Field("occurred_at", "moment", path="timestamp", is_required=True),
    Field("model", path=f"{_INFO}.model", also=("payload.model", "carried.model")),
    Field("model_provider", path="carried.model_provider"),
    Field("service_tier", path="carried.service_tier"),
    *(
        Field(f"{of}_{name}", "count", path=f"{_INFO}.{of}_token_usage.{word}")
        for of in ("last", "total")
        for name, word in _KINDS.items()
    ),
    Field("client_version", path="carried.client_version"),
    Field("project_id", path="carried.project", is_personal=True),
    Field("user_id", path="carried.user", is_personal=True),
)
TABLES = {"token_counts": table_of(FIELDS)}


def _of(kind: str, *steps: str) -> str:
    """Return SQL for the first of some values in a line of a kind, null in other lines."""
    values = ", ".join(f"json_extract_string(json, '$.payload.{step}')" for step in steps)
    return f"case when json_extract_string(json, '$.type') = '{kind}' then coalesce({values}) end"


# A fork's file begins with a copy of what it is forked from, whose head comes last of the heads.
_PARENTS = (
    "forked_from_id",
    "parent_thread_id",
    "source.subagent.thread_spawn.parent_thread_id",
    "id",
)
CARRIES = {
    "conversation_id": f"arg_max({_of('session_meta', *_PARENTS)}, source_line)",
    "session_id": f"arg_min({_of('session_meta', 'id')}, source_line)",
    "model": f"arg_max({_of('turn_context', 'model')}, source_line)",
    "model_provider": f"arg_min({_of('session_meta', 'model_provider')}, source_line)",
    "service_tier": f"arg_max({_of('turn_context', 'service_tier')}, source_line)",
    "client_version": f"arg_min({_of('session_meta', 'cli_version')}, source_line)",
    "project": f"arg_min({_of('session_meta', 'cwd')}, source_line)",
}
_LAST = f"json_extract_string(json, '$.{_INFO}.last_token_usage"
COUNTS = declared_files(
    "token_counts",
    FIELDS,
    covers="occurred_at",
    # Limits are told without counts, and the size of what is kept in mind as a last call of none.
    takes=f"""json_extract_string(json, '$.payload.type') = 'token_count'
        and json_extract_string(json, '$.{_INFO}') is not null
        and ({_LAST}.input_tokens') is distinct from '0'
            or {_LAST}.output_tokens') is distinct from '0')""",
    carries=CARRIES,
    is_lines_only=True,
)


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files are named."""
    return bool(settings.get_list("files"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the records that the lake does not hold yet; raise SettingsError before the first."""
    yield from with_person_of_path(context, extract_files(context, COUNTS), "token_counts")
