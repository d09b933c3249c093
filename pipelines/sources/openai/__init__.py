"""OpenAI's organization API: costs, ten usage reports, projects and API keys; see README.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

import pyarrow as pa
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth

from pipelines.config import SourceSettings
from pipelines.sources.bucket_window import Report
from pipelines.sources.buckets import Pages, Period, load_report, read_period, table_schema
from pipelines.sources.openai import registers
from pipelines.sources.openai.reports import COST_FIELDS, REPORTS, USAGE_FIELDS
from pipelines.sources.rest import (
    Api,
    ApiError,
    CursorPaginator,
    KeyRefusedError,
    read_admin_key,
    read_base_url,
    read_retries,
)

if TYPE_CHECKING:
    from pipelines.load import KnownUnit, LoadContext

NAME = "openai"
TABLES = {
    "costs": table_schema(COST_FIELDS),
    "usage": table_schema(USAGE_FIELDS, has_endpoint_column=True),
    "projects": registers.PROJECTS,
    "api_keys": registers.API_KEYS,
}
DEFAULT_BASE_URL = "https://api.openai.com/v1"
Rows = Iterator[tuple[str, pa.Table]]


def is_configured(settings: SourceSettings) -> bool:
    """Return whether there is an admin key to ask with."""
    return bool(settings.get_secret("admin_key"))


def extract(context: LoadContext) -> Rows:
    """Yield what is new or restated; a report that fails is reported and the others go on."""
    settings = context.settings
    api = Api(
        name="OpenAI",
        base_url=read_base_url(settings, DEFAULT_BASE_URL),
        auth=BearerTokenAuth(read_admin_key(settings)),
        key_remedy="set SOURCES__OPENAI__ADMIN_KEY to an admin key (sk-admin-...), no project key.",
        retries=read_retries(settings),
    )
    period = read_period(settings, context.now)
    known = context.known_units()
    steps: list[Callable[[], Rows]] = [
        *(
            lambda report=report: _extract_report(context, api, report, period, known)
            for report in REPORTS
        ),
        lambda: registers.extract(context, api, period.organization_id, known),
    ]
    for step in steps:
        try:
            yield from step()
        except KeyRefusedError as failure:
            context.fail_later(str(failure))
            return
        except ApiError as failure:
            context.fail_later(str(failure))


def _extract_report(
    context: LoadContext, api: Api, report: Report, period: Period, known: dict[str, KnownUnit]
) -> Rows:
    return load_report(
        context,
        report,
        TABLES[report.table],
        period=period,
        known=known,
        pages=_pages(api, report, period),
    )


def _pages(api: Api, report: Report, period: Period) -> Pages:
    width = "1d" if report.table == "costs" else period.bucket_width

    def ask(begin: date, end: date) -> Iterator[str]:
        params = {
            "start_time": _epoch(begin),
            "end_time": _epoch(end),
            "bucket_width": width,
            "limit": period.page_buckets(width),
            "group_by[]": list(report.group_by),
        }
        paginator = CursorPaginator(cursor_path="next_page", cursor_param="page")
        return api.pages(report.location, params=params, paginator=paginator)

    return ask


def _epoch(day: date) -> int:
    return int(datetime.combine(day, time(), tzinfo=UTC).timestamp())
