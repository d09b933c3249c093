"""Members put before a record's own: whatever the record is, what comes out is JSON."""

from __future__ import annotations

import json

import duckdb
import pytest

from pipelines.sources.json_places import with_members


@pytest.mark.parametrize(
    "record",
    ['{"a": 1}', "{}", "{ }", ' \t{"b": {}}', '{"b": "{}"}', '{"told": "own", "a": 2}', "{\n}"],
)
def test_members_come_before_those_of_the_record(record: str) -> None:
    sql = with_members("json_object('told', 'x')")
    [(text,)] = duckdb.execute(f"select {sql} from (select $1 as json)", [record]).fetchall()
    first: dict[str, object] = {}
    for name, value in json.loads(text, object_pairs_hook=list):
        first.setdefault(name, value)
    own = json.loads(record)
    assert {**own, "told": "x"} == {
        name: dict(value) if isinstance(value, list) else value for name, value in first.items()
    }
