"""Reads texts of sources in SQL: numbers, moments however they are written, hosts of addresses."""

from __future__ import annotations

import re

# '1_000' and 'infinity' are values to DuckDB, and '4/1/25' is the year 4: none of them passes here.
# '1,234' may be a European 1.234: thousands count only with a decimal point behind them.
TEXT_MACROS = r"""
create or replace temp macro bursar_text(field) as
    case when upper(trim(field)) in ('', 'NULL') then null else trim(field) end;
create or replace temp macro bursar_plain_number(field) as
    case
        when regexp_full_match(field, '[-+]?[0-9.]+([eE][-+]?[0-9]+)?') then field
        when regexp_full_match(field, '-?\$ ?[0-9]+(\.[0-9]+)?')
            or regexp_full_match(field, '-?\$? ?[1-9][0-9]{0,2}(,[0-9]{3})+\.[0-9]+')
            then regexp_replace(field, '[$, ]', '', 'g')
        when regexp_full_match(field, '\(\$? ?[0-9]+(\.[0-9]+)?\)')
            or regexp_full_match(field, '\(\$? ?[1-9][0-9]{0,2}(,[0-9]{3})+\.[0-9]+\)')
            then '-' || regexp_replace(field, '[$,() ]', '', 'g')
    end;
create or replace temp macro bursar_number(field) as
    try_cast(bursar_plain_number(field) as decimal(38, 12));
create or replace temp macro bursar_time(field) as
    case
        when regexp_full_match(field, '[12][0-9]{3}-[0-9]{2}-[0-9]{2}.*')
            then cast(try_cast(field as timestamptz) as timestamp)
        when regexp_full_match(field, '[0-9]{1,2}/[0-9]{1,2}/[0-9]{2}([0-9]{2})?( .*)?')
            then try_strptime(field, [
                '%m/%d/%y', '%m/%d/%Y', '%m/%d/%y %H:%M', '%m/%d/%Y %H:%M',
                '%m/%d/%y %H:%M:%S', '%m/%d/%Y %H:%M:%S',
                '%m/%d/%y %I:%M:%S %p', '%m/%d/%Y %I:%M:%S %p'
            ])
    end;
create or replace temp macro bursar_stated_time(field) as
    case
        when bursar_time(field) is not null then coalesce(
            try_cast(
                regexp_extract(field, '^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]+)?') as timestamp
            ),
            bursar_time(field)
        )
    end;
create or replace temp macro bursar_object(field) as
    case
        when field is null then null
        when json_valid(field) and json_type(field) = 'OBJECT' then field
        when json_valid('{' || field || '}') then '{' || field || '}'
        else cast(json_object('x_unparsed', field) as varchar)
    end;
"""

EARLIEST, LATEST = "2000-01-01", "2100-01-01"


def moment_sql(text: str) -> str:
    """Return SQL for a UTC moment: with a zone or without, or as seconds, ms, us or ns of 1970."""
    epoch = f"try_cast({text} as decimal(38, 9))"
    return f"""case
        -- As most write it; the reading that knows zones takes three times as long.
        when regexp_full_match({text}, '[0-9-]{{10}}[ T][0-9:]{{8}}([.][0-9]{{1,6}})?Z?')
            then try_cast(rtrim({text}, 'Z') as timestamp)
        else coalesce(
            try_cast(try_cast({text} as timestamptz) as timestamp),
            try(make_timestamp(cast(round({epoch} * case
                when abs({epoch}) >= 1e17 then 0.001
                when abs({epoch}) >= 1e14 then 1
                when abs({epoch}) >= 1e11 then 1000
                else 1000000
            end) as bigint)))
        )
    end"""


def plausible_sql(moment: str) -> str:
    """Return SQL that drops infinities and moments of another unit."""
    is_plausible = f"{moment} >= timestamp '{EARLIEST}' and {moment} < timestamp '{LATEST}'"
    return f"if({is_plausible}, {moment}, null)"


def host_sql(address: str) -> str:
    """Return SQL for the host of an address: without user, password, port, path and query."""
    return f"""nullif(
        regexp_extract({address}, '(?i)^(?:[a-z]+://)?(?:[^/@]*@)?([^/?#:]+)', 1), ''
    )"""


def whole_characters(text: str) -> str:
    """Return JSON with U+FFFD for each escape of half a character, which DuckDB refuses."""
    return _ESCAPES.sub(_whole, text) if _HALF.search(text) else text


_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPES = re.compile(
    r"\\\\|\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|\\u[dD][89a-fA-F][\da-fA-F]{2}"
)


def _whole(found: re.Match[str]) -> str:
    return "\\ufffd" if len(found[0]) == 6 else found[0]
