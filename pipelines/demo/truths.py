"""What is true of the demo company: every bill, every team's cost, and each planted event."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

from pipelines.demo.company import ACCOUNTS, ANTHROPIC, OPENAI
from pipelines.demo.window import Window

Row = dict[str, Any]


def plain_value(value: object) -> object:
    """Return decimals as exact plain text, dates in ISO form, anything else as it is."""
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return value.isoformat() if isinstance(value, date) else value


def rows_of(
    connection: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, object] | None = None
) -> list[Row]:
    """Return a query's rows as dictionaries that JSON can hold exactly."""
    frame = connection.sql(query, params=dict(values or {})).pl()
    return [{key: plain_value(value) for key, value in row.items()} for row in frame.to_dicts()]


_INVOICES = """
select
    provider as service_provider_name, account as billing_account_id, billing_month,
    currency as billing_currency, sum(cost) as billed_cost,
from charges where cost is not null
group by all order by all
"""

_TEAMS = """
select team_id, billing_month, currency as billing_currency, sum(cost) as billed_cost,
from charges where cost is not null
group by all order by all
"""

_GATEWAY_TOKENS = """
select
    date_trunc('month', calls.day)::date as billing_month,
    streams.provider as service_provider_name, streams.model as model_name,
    count(*) as request_count, sum(calls.input_uncached)::bigint as input_uncached_tokens,
    sum(calls.cache_read)::bigint as cache_read_tokens,
    sum(calls.cache_write_5m)::bigint as cache_write_5m_tokens,
    sum(calls.cache_write_1h)::bigint as cache_write_1h_tokens,
    sum(calls.output - calls.reasoning)::bigint as output_tokens,
    sum(calls.reasoning)::bigint as reasoning_tokens,
from calls inner join streams on calls.stream_no = streams.stream_no
where streams.is_gateway
group by all order by all
"""

_LOG_FILES = """
select
    concat('litellm/', file_day, '.jsonl.gz') as file, count(*) as lines,
    count(*) filter (line_kind in ('malformed', 'missing_request_id')) as quarantined,
from log group by file_day order by file_day
"""

_REQUESTS = """
select
    count(*) filter (line_kind = 'call') as answered,
    count(*) filter (line_kind = 'failure') as failed,
    count(*) filter (line_kind = 'cache_hit') as answered_from_cache,
from log
"""


def sum_team_costs(rows: list[Row]) -> list[Row]:
    """Return one row a team, month and currency: several bills may have costs of one team."""
    names = ("team_id", "billing_month", "billing_currency")
    costs: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for row in rows:
        costs[tuple(row[name] for name in names)] += Decimal(row["billed_cost"])
    return [
        dict(zip(names, key, strict=True)) | {"billed_cost": plain_value(cost)}
        for key, cost in sorted(costs.items())
    ]


def find_truths(connection: duckdb.DuckDBPyConnection, window: Window) -> Row:
    """Return everything but the plants: settings, invoices, teams, gateway tokens, log files."""
    return {
        "window": {
            "start": window.start.isoformat(),
            "end": window.end.isoformat(),
            "requests": window.requests,
            "seed": window.seed,
        },
        "settings": {
            "openai": {"organization_id": ACCOUNTS[OPENAI]},
            "anthropic": {"organization_id": ACCOUNTS[ANTHROPIC]},
        },
        "invoices": rows_of(connection, _INVOICES),
        "teams": rows_of(connection, _TEAMS),
        "gateway_requests": rows_of(connection, _REQUESTS)[0],
        "metered_tokens": rows_of(connection, _GATEWAY_TOKENS),
        "log_files": rows_of(connection, _LOG_FILES),
    }
