"""Claude Code's transcripts: what a developer's machine wrote down of its calls.

Loads raw_claude_code.messages from the session files below `~/.claude/projects`. Units and token
semantics: README.md. Guards against: lines that are no calls (passed over), prompts and answers
(never selected), folders that name people (pseudonyms).
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

NAME = "claude_code"
_USAGE = "message.usage"
FIELDS = (
    Field("message_id", path="message.id", also=("uuid",), is_required=True),
    Field("provider_message_id", path="message.id"),
    Field("provider_call_id", path="requestId"),
    Field("session_id", path="sessionId"),
    Field("agent_id", path="agentId"),
    Field("is_sidechain", "flag", path="isSidechain"),
    Field("occurred_at", "moment", path="timestamp", is_required=True),
    Field("model", path="message.model"),
    Field("input_tokens", "count", path=f"{_USAGE}.input_tokens", is_required=True),
    Field("cache_read_tokens", "count", path=f"{_USAGE}.cache_read_input_tokens"),
    Field("cache_write_tokens", "count", path=f"{_USAGE}.cache_creation_input_tokens"),
    Field(
        "cache_write_5m_tokens", "count", path=f"{_USAGE}.cache_creation.ephemeral_5m_input_tokens"
    ),
    Field(
        "cache_write_1h_tokens", "count", path=f"{_USAGE}.cache_creation.ephemeral_1h_input_tokens"
    ),
    Field("output_tokens", "count", path=f"{_USAGE}.output_tokens", is_required=True),
    Field("web_search_requests", "count", path=f"{_USAGE}.server_tool_use.web_search_requests"),
    Field("service_tier", path=f"{_USAGE}.service_tier"),
    Field("speed", path=f"{_USAGE}.speed"),
    Field("inference_geo", path=f"{_USAGE}.inference_geo"),
    Field("cost_usd", "decimal", path="costUSD"),
    Field("client_version", path="version"),
    Field("project_id", path="cwd", is_personal=True),
    Field("user_id", path="userId", also=("user",), is_personal=True),
)
TABLES = {"messages": table_of(FIELDS)}
# Most lines are prompts, results of tools and notes; what the tool itself made up is no call.
MESSAGES = declared_files(
    "messages",
    FIELDS,
    covers="occurred_at",
    takes="""json_type(json, '$.message.usage') <> 'NULL'
        and coalesce(json_extract_string(json, '$.message.model'), '') <> '<synthetic>'""",
    is_lines_only=True,
)


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files are named."""
    return bool(settings.get_list("files"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the records that the lake does not hold yet; raise SettingsError before the first."""
    yield from with_person_of_path(context, extract_files(context, MESSAGES), "messages")
