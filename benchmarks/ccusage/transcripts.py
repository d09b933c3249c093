"""Writes Claude Code session files as the tool does, a message over several lines, by DuckDB.

Of every message one to four lines are written, a block of the answer each, all with the message's
usage; of each third message the early lines have a count of output that is not final. Between them
stand prompts and results of tools, and each tenth session begins with the last messages of the one
before it, as a session that is gone on with does.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

DAYS = 30
CALLS_A_SESSION = 40
BYTES_A_CALL = 3_400
FIRST_DAY = "2026-09-01"
PROMPT, ANSWER, REPEATED = 900, 500, 3
CLASSES = ("input", "cache_write", "cache_read", "output")
MODELS = ("claude-sonnet-4-5-20250929", "claude-opus-4-6", "claude-haiku-4-5-20251001")

_CALLS = f"""
    create table calls as
    select
        n, n // {CALLS_A_SESSION} as session, n % {CALLS_A_SESSION} as place,
        timestamp '{FIRST_DAY}' + to_seconds(n * {DAYS * 86400} // $calls) as moment,
        case when hash(n) % 10 < 6 then '{MODELS[0]}' when hash(n) % 10 < 8 then '{MODELS[1]}'
            else '{MODELS[2]}' end as model,
        cast(1 + hash(n + 1) % 900 as bigint) as input,
        cast(hash(n + 2) % 9000 as bigint) as cache_write,
        cast(1000 + hash(n + 3) % 90000 as bigint) as cache_read,
        cast(20 + hash(n + 4) % 4000 as bigint) as output,
        cast(1 + hash(n + 5) % 4 as bigint) as line_count
    from range($calls) as numbers (n)
"""
# In a third of the messages only the last line has the final count.
_LINES = """
    create table lines as
    select calls.*, part, if(n % 3 = 0 and part < line_count, 1 + part, output) as stated_output
    from calls, lateral (select unnest(range(1, line_count + 1)) as part) as parts
"""
_USAGE = """json_object(
    'input_tokens', input, 'cache_creation_input_tokens', cache_write,
    'cache_read_input_tokens', cache_read, 'output_tokens', stated_output,
    'cache_creation', json_object(
        'ephemeral_5m_input_tokens', cache_write, 'ephemeral_1h_input_tokens', 0),
    'service_tier', 'standard'
)"""
_ANSWER = f"repeat('answer ', {ANSWER // 7})"
_SHARED = """
    'isSidechain', false, 'userType', 'external', 'cwd', 'C:/code/app',
    'sessionId', 'session-' || session, 'version', '2.1.63', 'gitBranch', 'main'
"""
_WRITTEN = f"""
    select session, n, part, json_object(
        'parentUuid', 'u-' || n || '-' || (part - 1), {_SHARED}, 'type', 'assistant',
        'requestId', 'req_' || n, 'uuid', 'u-' || n || '-' || part,
        'timestamp', strftime(moment + to_milliseconds(part * 100), '%Y-%m-%dT%H:%M:%S.%gZ'),
        'message', json_object(
            'id', 'msg_' || n, 'type', 'message', 'role', 'assistant', 'model', model,
            'content', json_array(json_object('type', 'text', 'text', {_ANSWER})),
            'usage', {_USAGE}
        )
    ) as line
    from lines
    union all
    select session, n, 0 as part, json_object(
        {_SHARED}, 'type', 'user', 'uuid', 'u-' || n || '-0',
        'timestamp', strftime(moment, '%Y-%m-%dT%H:%M:%S.%gZ'),
        'message', json_object('role', 'user', 'content', repeat('prompt ', {PROMPT // 7}))
    ) as line
    from calls
"""
_FILES = f"""
    with written as ({_WRITTEN}),
    placed as (
        select session, n, part, line from written
        union all
        -- A session that is gone on with repeats the end of the one before.
        select session + 1 as session, n, part, line from written
        where (session + 1) % 10 = 0
            and n % {CALLS_A_SESSION} >= {CALLS_A_SESSION - REPEATED}
            and session + 1 in (select session from calls)
    )
    select session, string_agg(line, chr(10) order by n, part) || chr(10) as text
    from placed group by session
"""


def write_transcripts(folder: Path, megabytes: int) -> duckdb.DuckDBPyConnection:
    """Write session files of about this size below `projects/`; return what is true of them."""
    connection = duckdb.connect(config={"threads": 2, "memory_limit": "1200MB"})
    calls = max(CALLS_A_SESSION, megabytes * 1_000_000 // BYTES_A_CALL)
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(_CALLS, {"calls": calls})
    connection.execute(_LINES)
    sessions = -(-calls // CALLS_A_SESSION)
    # A file at a time would make a query of each; all at once, a text of the whole.
    for first in range(0, sessions, 200):
        some = f"select * from ({_FILES}) where session >= {first} and session < {first + 200}"
        for session, text in connection.execute(some).fetchall():
            path = folder / "projects" / f"-work-app-{session % 12}" / f"session-{session}.jsonl"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return connection


def truths(
    connection: duckdb.DuckDBPyConnection, *, output_of: str
) -> dict[tuple[str, str], tuple]:
    """Return tokens by day and model, with the output of each message's `first` or `last` line."""
    which = {"first": "part = 1", "last": "part = line_count"}[output_of]
    rows = connection.execute(
        f"""
        select cast(cast(moment as date) as varchar), model, sum(input)::bigint,
            sum(cache_write)::bigint, sum(cache_read)::bigint, sum(stated_output)::bigint
        from lines where {which} group by all
        """
    ).fetchall()
    return {(day, model): tuple(tokens) for day, model, *tokens in rows}
