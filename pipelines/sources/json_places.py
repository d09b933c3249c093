"""Reads all that SQL asks of a JSON record at once.

Each JSON function parses the whole record, and holds what it parsed of a batch of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

TEXT_OF_RECORD = re.compile(r"json_extract_string\(json, '([^']*)'\)")
VALUE_OF_RECORD = re.compile(r"json_extract\(json, '([^'\[\]]*)(\[\*\])?'\)")

# A record of no members, which a comma would break.
EMPTY = r"^\s*\{\s*\}"


def read_once(selected: Sequence[str]) -> tuple[str, list[str]]:
    """Return SQL that reads all places of a record, and what is selected, of those places."""
    everything = " ".join(selected)
    texts = list(dict.fromkeys(TEXT_OF_RECORD.findall(everything)))
    values = list(dict.fromkeys(path for path, _ in VALUE_OF_RECORD.findall(everything)))

    def value(found: re.Match[str]) -> str:
        place = f"places[{values.index(found[1]) + 1}]"
        return f"json_extract({place}, '$[*]')" if found[2] else place

    read = [f"json_extract_string(json, {texts}) as texts"] if texts else []
    read += [f"json_extract(json, {values}) as places"] if values else []
    return ", ".join(read), [
        VALUE_OF_RECORD.sub(
            value, TEXT_OF_RECORD.sub(lambda found: f"texts[{texts.index(found[1]) + 1}]", sql)
        )
        for sql in selected
    ]


def with_members(members: str) -> str:
    """Return SQL of the record `json` with some members, an SQL object, in place of its own.

    Of two members with one name the first counts, so that nothing need be parsed or written anew.
    """
    comma = f"if(regexp_matches(json, '{EMPTY}'), '', ',')"
    own = "substr(json, strpos(json, '{') + 1)"
    return f"left(cast({members} as varchar), -1) || {comma} || {own}"
