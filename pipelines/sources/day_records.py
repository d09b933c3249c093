"""SQL of the records that an API gives by day: split out of the pages, typed, told from repeats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.sources.records import columns_sql, literal, reason_sql, record_shape

if TYPE_CHECKING:
    from pipelines.load import LoadContext
    from pipelines.sources.days import Daily


def split_sql(kind: Daily) -> str:
    """Return SQL of the pages' records, numbered: as text and, by fields, to the last digit."""
    item = "null"
    if kind.fields:
        shape: Any = [record_shape([one for one in kind.fields if one.kind != "json"])]
        steps = kind.records.removesuffix("[*]").split(".")[1:]
        for step in reversed(steps):
            shape = {step: shape}
        inside = "".join(f'."{step}"' for step in steps)
        # What json_extract hands on went through a double; amounts must not.
        item = f"unnest(json_transform(body, {literal(shape)}){inside})"
    return f"""
        select
            row_number() over (order by page_number, position) as source_line,
            * exclude (page_number, position)
        from (
            select
                page_number,
                unnest(json_extract(body, '{kind.records}')) as raw,
                generate_subscripts(json_extract(body, '{kind.records}'), 1) as position,
                {item} as item
            from pages
        )
    """


def records_sql(context: LoadContext, kind: Daily) -> str:
    """Return SQL of a day's records: typed, with why one is refused or whether it is repeated."""
    if kind.typed_sql:
        lines = (
            "select source_line, null::varchar as fault, cast(raw as varchar) as json from split"
        )
        typed = kind.typed_sql(context, lines)
    else:
        shaped = [one for one in kind.fields if one.kind != "json"]
        texts = literal(record_shape(shaped, as_text=True))
        typed = f"""
            select source_line, {columns_sql(kind.fields, context.pseudonym_sql)},
                {reason_sql(kind.fields)} as reason
            from (select *, json_transform(raw, {texts}) as texts from split)
        """
    own = {one.name for one in kind.fields} | set(kind.columns.names if kind.columns else ())
    given = {name: "'" + value.replace("'", "''") + "'" for name, value in kind.given.items()}
    if kind.asked_day:
        given |= {kind.asked_day: "cast($day as timestamp)"}
    added = "".join(f", {value} as {name}" for name, value in given.items() if name not in own)
    filled = ", ".join(
        f"coalesce({name}, {value}) as {name}" for name, value in given.items() if name in own
    )
    # What bears no time is of the day that was asked for.
    of_the_day = f"cast({kind.moment} as date) = cast($day as date)" if kind.moment else "true"
    return f"""
        select
            typed.* {f"replace ({filled})" if filled else ""},
            sha256(cast(raw as varchar)) as identity,
            -- Pages over data that moves overlap.
            row_number() over (partition by cast(raw as varchar) order by source_line) > 1
                as is_repeated
            {added}
        from ({typed}) as typed
        inner join split using (source_line)
        where {of_the_day} or reason is not null
    """
