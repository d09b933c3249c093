"""Langfuse's observations: calls of models as traced programs reported them.

Loads raw_langfuse.observations out of exports to blob storage and out of the API. Units and token
semantics: README.md. Guards against: a usage map of free keys (known keys only), rows that are
updated later (the newest counts), prompts and answers (never selected).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
from dlt.sources.helpers.rest_client.auth import HttpBasicAuth

from pipelines.config import SettingsError, SourceSettings
from pipelines.sources.days import Daily, load_days, read_first_day
from pipelines.sources.declared import declared_files
from pipelines.sources.langfuse.observations import FIELDS
from pipelines.sources.record_files import extract_files
from pipelines.sources.records import table_of
from pipelines.sources.rest import Api, ApiError, CursorPaginator, read_base_url, read_retries

if TYPE_CHECKING:
    from pipelines.load import LoadContext

NAME = "langfuse"
TABLES = {"observations": table_of(FIELDS)}
EXPORTS = declared_files("observations", FIELDS, covers="started_at")
LOCATION = "/api/public/v2/observations"
DAYS = Daily(
    endpoint="observations",
    table="observations",
    location=LOCATION,
    records="$.data[*]",
    moment="started_at",
    fields=FIELDS,
)
DEFAULT_BASE_URL = "https://cloud.langfuse.com"
# Without this the API tells no usage at all.
FIELD_GROUPS = "core,basic,time,model,usage,metadata"
CALL_TYPES = ("GENERATION", "EMBEDDING")
PAGE_SIZE = 1000
Rows = Iterator[tuple[str, pa.Table]]


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files are named or there is a key to ask with."""
    return bool(settings.get_list("files") or settings.get_secret("secret_key"))


def extract(context: LoadContext) -> Rows:
    """Yield what is new or restated; raise SettingsError before the first."""
    steps: list[Callable[[], Rows]] = []
    if context.settings.get_list("files"):
        steps.append(lambda: extract_files(context, EXPORTS))
    if context.settings.get_secret("secret_key"):
        api = _open_api(context.settings)
        first = read_first_day(context.settings, context.now)
        steps.append(lambda: load_days(context, DAYS, lambda day: _pages(api, day), first=first))
    for step in steps:
        try:
            yield from step()
        except ApiError as failure:
            context.fail_later(str(failure))


def _open_api(settings: SourceSettings) -> Api:
    public_key = settings.get_secret("public_key")
    if not public_key:
        name = settings.environment_name("public_key")
        raise SettingsError(f"langfuse has a secret_key and no public_key: set {name} (pk-lf-...).")
    return Api(
        name="Langfuse",
        base_url=read_base_url(settings, DEFAULT_BASE_URL),
        auth=HttpBasicAuth(str(public_key).strip(), str(settings.get_secret("secret_key")).strip()),
        key_remedy="set SOURCES__LANGFUSE__PUBLIC_KEY and SOURCES__LANGFUSE__SECRET_KEY to the "
        "project's keys, and base_url to its region.",
        retries=read_retries(settings),
    )


def _pages(api: Api, day: date) -> Iterator[str]:
    for call_type in CALL_TYPES:
        yield from api.pages(
            LOCATION,
            params={
                "type": call_type,
                "fields": FIELD_GROUPS,
                "fromStartTime": f"{day}T00:00:00Z",
                "toStartTime": f"{day + timedelta(1)}T00:00:00Z",
                "limit": PAGE_SIZE,
            },
            paginator=CursorPaginator(cursor_path="meta.cursor", cursor_param="cursor"),
        )
