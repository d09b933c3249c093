"""Anthropic's Admin API: the messages usage report and the cost report; see README.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
from dlt.sources.helpers.rest_client.auth import APIKeyAuth

from pipelines.config import SourceSettings
from pipelines.sources.anthropic.reports import COST_FIELDS, REPORTS, USAGE_FIELDS
from pipelines.sources.bucket_window import Report
from pipelines.sources.buckets import Pages, Period, load_report, read_period, table_schema
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
    from pipelines.load import LoadContext

NAME = "anthropic"
TABLES = {
    "cost_report": table_schema(COST_FIELDS),
    "usage_report": table_schema(USAGE_FIELDS),
}
DEFAULT_BASE_URL = "https://api.anthropic.com"
VERSION = "2023-06-01"
# Only with it may the usage report be grouped by speed.
FAST_MODE = {"anthropic-beta": "fast-mode-2026-02-01"}


def is_configured(settings: SourceSettings) -> bool:
    """Return whether there is an admin key to ask with."""
    return bool(settings.get_secret("admin_key"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield what is new or restated; a report that fails is reported and the other goes on."""
    settings = context.settings
    asks_speed = settings.get_bool("usage_by_speed", default=False)
    api = Api(
        name="Anthropic",
        base_url=read_base_url(settings, DEFAULT_BASE_URL),
        auth=APIKeyAuth(name="x-api-key", api_key=read_admin_key(settings)),
        key_remedy="set SOURCES__ANTHROPIC__ADMIN_KEY to an admin key (sk-ant-admin...).",
        headers={"anthropic-version": VERSION} | (FAST_MODE if asks_speed else {}),
        retries=read_retries(settings),
    )
    period = read_period(settings, context.now)
    known = context.known_units()
    for each in REPORTS:
        is_by_speed = asks_speed and each.table == "usage_report"
        report = replace(each, group_by=(*each.group_by, "speed")) if is_by_speed else each
        try:
            yield from load_report(
                context,
                report,
                TABLES[report.table],
                period=period,
                known=known,
                pages=_pages(api, report, period),
            )
        except KeyRefusedError as failure:
            context.fail_later(str(failure))
            return
        except ApiError as failure:
            context.fail_later(str(failure))


def _pages(api: Api, report: Report, period: Period) -> Pages:
    width = "1d" if report.table == "cost_report" else period.bucket_width

    def ask(begin: date, end: date) -> Iterator[str]:
        params = {
            "starting_at": f"{begin}T00:00:00Z",
            # Buckets are returned that end before this moment: one day more, in case before means
            # strictly before; what lies past `end` is left out again.
            "ending_at": f"{end + timedelta(1)}T00:00:00Z",
            "bucket_width": width,
            "limit": period.page_buckets(width),
            "group_by[]": list(report.group_by),
        }
        paginator = CursorPaginator(cursor_path="next_page", cursor_param="page")
        return api.pages(report.location, params=params, paginator=paginator)

    return ask
