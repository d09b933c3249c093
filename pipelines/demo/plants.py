"""The planted events, each with what identifies it and the figures that must come out."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from pipelines.demo.bills import report_plants
from pipelines.demo.company import (
    ACCOUNTS,
    ANTHROPIC,
    BLOCKED,
    DELETED_KEY,
    FILE_SEARCHES,
    FULL_41,
    HAIKU,
    MINI,
    MOVED_PROVIDER_KEY,
    MOVED_VIRTUAL_KEY,
    OPENAI,
    SONNET,
    UNALLOCATED,
    UNPRICED,
    VENDOR,
    VIRTUAL_KEYS,
)
from pipelines.demo.other_charges import SEAT_COST
from pipelines.demo.prices import true_prices
from pipelines.demo.registers import OPENAI_KEYS
from pipelines.demo.truths import Row, rows_of
from pipelines.demo.window import Window

_KEYS = """
select
    billing_month, provider as service_provider_name, sub_account as sub_account_id,
    credential as credential_id, sum(cost) as billed_cost,
    sum(if(kind = 'tokens', quantity, 0))::bigint as total_tokens,
    list_sort(list_distinct(list(team_id))) as team_ids,
from charges
where provider = $provider and alias is null and kind in ('tokens', 'images')
group by all order by all
"""

_MOVED = """
select
    $month::date as billing_month, team_id,
    sum(cost) as billed_cost, sum(quantity)::bigint as total_tokens,
    min(day) as first_date, max(day) as last_date,
from charges
where kind = 'tokens' and billing_month = $month and ({which})
group by team_id order by first_date
"""

_MODEL = """
select
    billing_month, provider as service_provider_name, model as model_name, tier as service_tier,
    token_class, alias is not null as is_through_gateway, sum(quantity)::bigint as tokens,
    sum(cost) as billed_cost,
from charges
where kind = 'tokens' and model = $model and tier = $tier
group by all order by all
"""

_BILL_LINES = """
select
    provider as service_provider_name, account as billing_account_id, billing_month,
    currency as billing_currency, category as charge_category, sub_account as sub_account_id,
    min(day) as charge_date, sum(cost) as billed_cost,
from charges where kind = $kind group by all order by all
"""

_LOG_LINES = """
select
    concat('litellm/', file_day, '.jsonl.gz') as file, day, line_number,
    request_id(call_no) as request_id, logged_id(call_no, line_kind) as logged_id,
from log
where line_kind = $kind and {which}
order by file_day, line_number
"""

_TAGS = """
select
    tags_of(calls.day, call_no) as tags, calls.day,
    count(distinct call_no) as request_count,
    sum(input_uncached + cache_read + cache_write_5m + cache_write_1h + output)::bigint as tokens,
from log inner join calls using (call_no)
where line_kind = 'call' and tags <> '[]'
group by all order by all
"""


def _log_plants(connection: duckdb.DuckDBPyConnection, window: Window) -> Iterator[Row]:
    first, second, third = window.busy_days

    def lines(kind: str, which: str = "true") -> list[Row]:
        return rows_of(connection, _LOG_LINES.format(which=which), {"kind": kind})

    for kind, original in (("duplicate", second), ("redelivered", first)):
        found = lines(kind)
        yield {
            "kind": "duplicate_lines",
            "file": found[0]["file"],
            "count": len(found),
            "repeats_file": f"litellm/{original}.jsonl.gz",
            "request_ids": sorted({row["request_id"] for row in found}),
        }
    for row in lines("failure", f"day = '{second}'")[:10]:
        yield {
            "kind": "retried_call",
            "failed_request_id": row["logged_id"],
            "request_id": row["request_id"],
            "day": row["day"],
        }
    for kind, name, reason in (
        ("malformed", "malformed_line", "malformed_json"),
        ("missing_request_id", "missing_request_id", "missing_request_id"),
    ):
        row = lines(kind)[0]
        yield {
            "kind": name,
            "file": row["file"],
            "line_number": row["line_number"],
            "reason": reason,
        }
    late = lines("call", "day <> file_day")
    yield {
        "kind": "late_records",
        "day": first.isoformat(),
        "count": len(late),
        "file": f"litellm/{third}.jsonl.gz",
        "request_ids": sorted(row["request_id"] for row in late),
    }
    hits = rows_of(
        connection,
        """
        select count(*) as request_count, sum(
            input_uncached + cache_read + cache_write_5m + cache_write_1h + output
        )::bigint as tokens_not_sent
        from log inner join calls using (call_no) where line_kind = 'cache_hit'
    """,
    )
    yield {"kind": "cache_hit", **hits[0]}
    for row in rows_of(connection, _TAGS, {}):
        if "env:" in row["tags"]:
            values = ["blue", "green"]
            yield {"kind": "split_tag", "dimension_key": "env", "dimension_values": values, **row}
            continue
        key, value = ("job", "nightly") if '"' in row["tags"] else ("tag", row["tags"])
        yield {"kind": "tags", "dimension_key": key, "dimension_value": value, **row}


def _key_plants(connection: duckdb.DuckDBPyConnection, window: Window) -> Iterator[Row]:
    for row in rows_of(connection, _KEYS, {"provider": OPENAI}):
        key = row["credential_id"]
        status = "registered" if OPENAI_KEYS[key][2] else "unregistered"
        status = "deleted" if key == DELETED_KEY else status
        yield {"kind": "bypass_key", **row, "credential_status": status}
        if key == DELETED_KEY:
            yield {"kind": "deleted_key", **row}
    alias, old, new = MOVED_VIRTUAL_KEY
    hashed = VIRTUAL_KEYS[alias].hashed(window.seed)
    key, old_owner, new_owner = MOVED_PROVIDER_KEY
    for service, credential, which, values, move in (
        ("LiteLLM", hashed, "alias = $key", alias, (window.virtual_key_move_day, old, new)),
        (
            OPENAI,
            key,
            "credential = $key",
            key,
            (window.provider_key_move_day, old_owner, new_owner),
        ),
    ):
        day, old_team, new_team = move
        yield {
            "kind": "moved_key",
            "service_provider_name": service,
            "credential_id": credential,
            "date": day.isoformat(),
            "old_team_id": old_team,
            "new_team_id": new_team,
            "teams": rows_of(
                connection, _MOVED.format(which=which), {"month": window.event_month, "key": values}
            ),
        }
    unknown = next(key for key in VIRTUAL_KEYS.values() if key.team_id == UNALLOCATED)
    found = rows_of(
        connection,
        _MOVED.format(which="alias = $key"),
        {"month": window.event_month, "key": unknown.alias},
    )
    yield {
        "kind": "unregistered_gateway_key",
        "credential_id": unknown.hashed(window.seed),
        "gateway_team_id": unknown.litellm_team_id,
        **found[0],
    }


def _price_plants(connection: duckdb.DuckDBPyConnection, window: Window) -> Iterator[Row]:
    day = window.price_change_day
    changed = [price for price in true_prices(window) if price.model == MINI]
    costs = rows_of(
        connection,
        """
        select
            sum(cost) filter (day < $day) as estimated_cost_before,
            sum(cost) filter (day >= $day) as estimated_cost_after,
        from charges where kind = 'tokens' and model = $model and billing_month = $month
    """,
        {"day": day, "model": MINI, "month": window.event_month},
    )
    yield {
        "kind": "price_change",
        "service_provider_name": OPENAI,
        "model_name": MINI,
        "date": day.isoformat(),
        "billing_month": window.event_month.isoformat(),
        "currency": "USD",
        **costs[0],
        "old_prices": {p.token_class: str(p.per_million) for p in changed if p.valid_to == day},
        "new_prices": {p.token_class: str(p.per_million) for p in changed if p.valid_from == day},
    }
    for kind, model, tier in (
        ("unpriced_model", UNPRICED, "standard"),
        ("cached_tokens", SONNET, "standard"),
        ("batch_tokens", FULL_41, "batch"),
        ("batch_tokens", HAIKU, "batch"),
        ("unbilled_priority_tokens", SONNET, "priority"),
    ):
        for row in rows_of(connection, _MODEL, {"model": model, "tier": tier}):
            yield {"kind": kind, **row}


_LINES_OF_BILLS = (
    "refund",
    "correction",
    "tax",
    "subscription",
    "web_search",
    "code_execution",
    "session_usage",
    "marketplace",
)


def _bill_plants(connection: duckdb.DuckDBPyConnection, window: Window) -> Iterator[Row]:
    for kind in _LINES_OF_BILLS:
        for row in rows_of(connection, _BILL_LINES, {"kind": kind}):
            yield {"kind": "no_owner" if kind == "subscription" else kind, **row}
    day = window.busy_days[0]
    in_texts = "select sum(cost) as billed_cost from charges where provider = $name and day = $day"
    [found] = rows_of(connection, in_texts, {"name": OPENAI, "day": day})
    yield {"kind": "amounts_as_texts", "day": day.isoformat(), **found}
    yield {
        "kind": "blocked_requests",
        "service_provider_name": ANTHROPIC,
        "day": day.isoformat(),
        "credential_id": BLOCKED.credential,
        "model_name": BLOCKED.model,
        "tokens": {"input_uncached": BLOCKED.input_tokens, "output": BLOCKED.output_tokens},
    }
    days = "select billing_month, count(distinct day) as days from charges where provider = $name"
    for row in rows_of(connection, f"{days} group by all order by all", {"name": OPENAI}):
        yield {
            "kind": "file_searches_without_a_price",
            "billing_month": row["billing_month"],
            "unit_count": row["days"] * FILE_SEARCHES[2],
        }
    yield {
        "kind": "spreadsheet_bill",
        "file": f"focus/nimbus_{window.event_month:%Y-%m}.csv",
        "billing_month": window.event_month.isoformat(),
        "billing_account_id": ACCOUNTS[VENDOR],
        "billed_cost": f"{SEAT_COST}",
    }
    yield {
        "kind": "bill_of_a_newer_version",
        "file": f"focus/nimbus_{window.event_month:%Y-%m}.csv",
        "focus_version": "1.4",
        "service_provider_name": VENDOR,
        "billed_cost": f"{SEAT_COST}",
    }


def find_plants(
    connection: duckdb.DuckDBPyConnection, window: Window, broken_record: tuple[str, int]
) -> list[Row]:
    """Return every plant; money as plain decimal text, files relative to the demo's folder."""
    name, line = broken_record
    return [
        *_log_plants(connection, window),
        {
            "kind": "malformed_line",
            "file": f"focus/{name}",
            "line_number": line,
            "reason": "bad_number",
        },
        *_key_plants(connection, window),
        *_price_plants(connection, window),
        *_bill_plants(connection, window),
        *report_plants(connection, window),
    ]
