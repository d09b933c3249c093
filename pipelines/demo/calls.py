"""The world: every call that really happened, and what each provider charges for it."""

from __future__ import annotations

import duckdb
import polars as pl

from pipelines.demo.company import (
    ACCOUNTS,
    CURRENCIES,
    MOVED_PROVIDER_KEY,
    MOVED_VIRTUAL_KEY,
    STREAMS,
    Stream,
)
from pipelines.demo.prices import LONG, SHORT, price_frame
from pipelines.demo.window import Window, plan_calls

TOKEN_COLUMNS = (
    "input_uncached",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "output",
)


def _stream_frame() -> pl.DataFrame:
    rows = [
        {
            "stream_no": number,
            **vars(stream),
            "account": ACCOUNTS[stream.provider],
            "is_gateway": stream.alias is not None,
        }
        for number, stream in enumerate(STREAMS)
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def _moves(stream: Stream, window: Window) -> list[tuple[object, object, str]]:
    first, last = window.start, window.end
    alias, _, new_team = MOVED_VIRTUAL_KEY
    if stream.alias == alias:
        day = window.virtual_key_move_day
        return [(first, day, stream.team_id), (day, last, new_team)]
    key, _, new_team = MOVED_PROVIDER_KEY
    if stream.credential == key:
        day = window.provider_key_move_day
        return [(first, day, stream.team_id), (day, last, new_team)]
    return [(first, last, stream.team_id)]


def _owner_frame(window: Window) -> pl.DataFrame:
    rows = [
        (number, *move) for number, stream in enumerate(STREAMS) for move in _moves(stream, window)
    ]
    return pl.DataFrame(
        rows, schema=["stream_no", "valid_from", "valid_to", "team_id"], orient="row"
    )


def _register(connection: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    connection.register(f"{name}_frame", frame.to_arrow())
    connection.execute(f"create table {name} as from {name}_frame")
    connection.unregister(f"{name}_frame")


# Every figure is a hash of (seed, call, purpose): the same on any number of threads. Hashed twice,
# because one combined hash leaves neighbouring purposes correlated.
_CALLS = """
create table calls as
with numbered as (
    select
        day, stream_no,
        unnest(range(calls)) as number_in_cell,
        first_call_no + number_in_cell as call_no,
        first_in_stream + number_in_cell as number_in_stream,
    from plan
),
drawn as (
    select
        numbered.*, streams.* exclude (stream_no),
        exp(ln(prompt) + 0.8 * bell(call_no, 1)) as prompt_drawn,
        exp(ln(greatest(output, 1)) + 0.7 * bell(call_no, 3)) as output_drawn,
        -- office hours, with a fifth of the calls at any hour
        if(chance(call_no, 5) < 0.2, chance(call_no, 6) * 24, 13.5 + 3 * bell(call_no, 7)) as hour,
        has_long_context and number_in_stream % 12 = 0 as is_long,
    from numbered
    inner join streams using (stream_no)
),
sized as (
    select
        *,
        if(
            is_long, 200001 + chance(call_no, 9) * 180000,
            least(greatest(prompt_drawn, 8), 120000)
        )::bigint as prompt_tokens,
        if(output = 0, 0, least(greatest(output_drawn, 1), 16000))::bigint as output_tokens,
    from drawn
)
select
    call_no, day, stream_no, is_long,
    cast(floor(users * power(chance(call_no, 10), 2.2)) as int) as user_no,
    -- a call begins and ends on one UTC day, so that both sides book it on the same day
    day::timestamp + to_microseconds(
        (greatest(0.02, least(23.9, hour)) * 3.6e9)::bigint + (chance(call_no, 11) * 6e7)::bigint
    ) as started_at,
    (2e5 + output_tokens * 9e3 * (0.6 + chance(call_no, 12)))::bigint as duration_us,
    case
        when provider = 'Anthropic' then floor(prompt_tokens * cached * chance(call_no, 13))
        -- OpenAI caches prompts of 1024 tokens and more, in steps of 128
        when cached > 0 and prompt_tokens >= 1024
            then 128 * (1 + floor((prompt_tokens - 128) * cached * chance(call_no, 13) / 128))
        else 0
    end::bigint as cache_read,
    floor(prompt_tokens * writes_5m * chance(call_no, 14))::bigint as cache_write_5m,
    floor(prompt_tokens * writes_1h * chance(call_no, 15))::bigint as cache_write_1h,
    prompt_tokens - cache_read - cache_write_5m - cache_write_1h as input_uncached,
    output_tokens as output,
    floor(output_tokens * reasoning * (0.4 + 0.6 * chance(call_no, 16)))::bigint as reasoning,
from sized
"""

_CELLS = """
create table cells as
select
    calls.day, calls.stream_no, owners.team_id, calls.is_long,
    if(streams.is_gateway, 0, calls.user_no) as user_no,
    count(*) as requests,
    {sums},
from calls
inner join streams on calls.stream_no = streams.stream_no
inner join owners
    on calls.stream_no = owners.stream_no
    and calls.day >= owners.valid_from and calls.day < owners.valid_to
group by all
"""

_CHARGES = f"""
create table charges as
with lines as (
    select day, stream_no, team_id, is_long, token_class, sum(tokens)::bigint as tokens
    from (unpivot cells on {", ".join(TOKEN_COLUMNS)} into name token_class value tokens)
    where tokens > 0
    group by all
)
select
    lines.day,
    date_trunc('month', lines.day)::date as billing_month,
    streams.provider, streams.account, streams.sub_account, streams.credential, streams.alias,
    streams.tag, lines.team_id, streams.model, streams.tier,
    if(streams.provider = 'Anthropic', if(lines.is_long, '{LONG}', '{SHORT}'), null)
        as context_tier,
    lines.token_class,
    'Usage' as category,
    'tokens' as kind,
    lines.tokens::decimal(38, 12) as quantity,
    currencies.currency,
    -- null = not on this bill
    lines.tokens::decimal(19, 0) * (prices.per_million * 0.000001::decimal(12, 6))::decimal(18, 12)
        as cost,
from lines
inner join streams on lines.stream_no = streams.stream_no
inner join currencies on streams.provider = currencies.provider
left join prices
    on streams.provider = prices.provider and streams.model = prices.model
    and streams.tier = prices.tier and lines.token_class = prices.token_class
    and lines.day >= prices.valid_from and lines.day < prices.valid_to
    and (
        prices.context_tier is null
        or prices.context_tier = if(lines.is_long, '{LONG}', '{SHORT}')
    )
"""


def build_world(connection: duckdb.DuckDBPyConnection, window: Window) -> None:
    """Create calls (one row per call), cells (per day, stream, team, user) and charges (dated)."""
    connection.execute(
        f"create macro chance(n, purpose) as hash(hash({window.seed}, n, purpose))"
        " / 18446744073709551616.0"
    )
    connection.execute(
        "create macro bell(n, purpose) as sqrt(-2 * ln(chance(n, purpose) + 1e-12))"
        " * cos(2 * pi() * chance(n, purpose + 1))"
    )
    currencies = pl.DataFrame({"provider": list(CURRENCIES), "currency": list(CURRENCIES.values())})
    _register(connection, "plan", plan_calls(window))
    _register(connection, "streams", _stream_frame())
    _register(connection, "owners", _owner_frame(window))
    _register(connection, "currencies", currencies)
    _register(connection, "prices", price_frame(window))
    connection.execute(_CALLS)
    names = (*TOKEN_COLUMNS, "reasoning")
    sums = ", ".join(f"sum(calls.{name})::bigint as {name}" for name in names)
    connection.execute(_CELLS.format(sums=sums))
    connection.execute(_CHARGES)
    unpriced = connection.sql(
        "select count(*) from charges where cost is null and tier <> 'priority'"
    ).fetchall()
    if unpriced != [(0,)]:
        raise ValueError("A billed stream in company.py has no price: add it in demo/prices.py.")
