"""The lake: only finished loads count, on a disk and in a bucket."""

from __future__ import annotations

import duckdb
import pyarrow.parquet as pq
import pytest

from pipelines.compact import compact_lake
from pipelines.dbt_lake import Plugin
from pipelines.lake import Lake, read_units, write_manifest
from tests.litellm_logs import spend_log, write_logs


def test_a_lake_that_is_not_there_yet_holds_nothing(tmp_path):
    lake = Lake(str(tmp_path / "lake"))
    assert lake.sources() == []
    assert lake.committed_loads("litellm") == []
    assert read_units(lake, "litellm") == []
    assert write_manifest(lake, tmp_path / "warehouse" / "files.jsonl") == []


def test_files_of_a_load_without_its_record_are_never_listed(home, logs):
    home.load(logs("a.jsonl", spend_log("a")))
    home.load(logs("b.jsonl", spend_log("b")))
    first, second = home.lake.committed_loads("litellm")
    assert float(first) < float(second)
    [record] = home.folder.glob(f"lake/raw_litellm/_dlt_loads/*{second}*")
    record.unlink()
    assert home.lake.committed_loads("litellm") == [first]
    assert home.rows("request_id") == [("a",)]
    # The next load brings what the lost one would have brought.
    assert home.load(logs("b.jsonl", spend_log("b"))).records_loaded == 1
    assert home.rows("request_id", order="1") == [("a",), ("b",)]


def test_the_newest_row_of_a_unit_is_what_is_known(home, logs):
    path = logs("a.jsonl", spend_log("a"))
    home.load(path)
    logs("a.jsonl", spend_log("a"), spend_log("b"))
    home.load(path)
    [unit] = read_units(home.lake, "litellm")
    assert (unit["load_unit_id"], unit["records_read"]) == (f"file:{path}", 2)


def test_each_file_lies_under_its_table_and_load_date_and_names_its_load(home, logs):
    home.load(logs("a.jsonl", spend_log(), "broken"))
    files = home.lake.files("litellm")
    assert sorted(file.table_name for file in files) == ["load_units", "quarantine", "spend_logs"]
    [load] = home.lake.committed_loads("litellm")
    for file in files:
        assert file.load_ids == (load,)
        assert f"/{file.table_name}/load_date={file.load_date}/{load}." in file.path


def test_money_is_exact_decimal_in_the_lake(home, logs):
    home.load(logs("a.jsonl", spend_log()))
    [path] = home.folder.glob("lake/raw_litellm/spend_logs/*/*.parquet")
    assert str(pq.read_schema(path).field("spend").type) == "decimal128(38, 12)"
    assert str(pq.read_schema(path).field("prompt_tokens").type) == "int64"


def test_the_manifest_lists_what_is_readable_and_is_replaced_whole(home, logs):
    path = home.folder / "warehouse" / "lake_files.jsonl"
    home.load(logs("a.jsonl", spend_log("a")))
    write_manifest(home.lake, path)
    home.load(logs("b.jsonl", spend_log("b")))
    files = write_manifest(home.lake, path)
    with duckdb.connect() as connection:
        listed = connection.sql("select path from read_json(?)", params=[str(path)]).fetchall()
    assert sorted(row[0] for row in listed) == sorted(file.path for file in files)
    assert not path.with_suffix(".writing").exists()


@pytest.fixture
def remote(home, bucket):
    """Give a home whose lake is a bucket."""
    home.extra["bursar.lake"] = f"{bucket}/company/lake"
    return home


def test_a_lake_in_a_bucket_loads_and_doubles_nothing(remote, logs):
    path = logs("a.jsonl", spend_log("a"), "broken")
    assert remote.load(path).faults == []
    assert remote.load(path).units == 0
    assert remote.load(path, logs("b.jsonl", spend_log("b"))).units == 1
    assert remote.lake.sources() == ["litellm"]
    assert len(remote.lake.committed_loads("litellm")) == 2
    assert remote.rows("request_id", order="1") == [("a",), ("b",)]
    assert remote.accounts() == [(2, 1, 1, 0), (1, 1, 0, 0)]
    assert not (remote.folder / "lake").exists()


def test_dbt_reads_a_lake_in_a_bucket(remote, logs, tmp_path):
    remote.load(logs("a.jsonl", spend_log("a")))
    manifest = tmp_path / "lake_files.jsonl"
    files = write_manifest(remote.lake, manifest)
    [path] = [file.path for file in files if file.table_name == "spend_logs"]
    assert path.startswith("s3://logs/company/lake/raw_litellm/spend_logs/")
    with duckdb.connect() as connection:
        Plugin("lake", {"manifest": str(manifest)}).configure_connection(connection)
        rows = connection.sql("select request_id from read_parquet(?)", params=[path]).fetchall()
    assert rows == [("a",)]


def test_dbt_needs_no_file_system_for_a_local_lake_or_none(home, logs, tmp_path):
    home.load(logs("a.jsonl", spend_log("a")))
    write_manifest(home.lake, tmp_path / "local.jsonl")
    for name in ("local.jsonl", "missing.jsonl"):
        with duckdb.connect() as connection:
            Plugin("lake", {"manifest": str(tmp_path / name)}).configure_connection(connection)
            assert connection.list_filesystems() == []


def test_a_lake_in_a_bucket_is_compacted(remote, tmp_path):
    for number in range(4):
        path = write_logs(tmp_path / f"{number}.jsonl", spend_log(str(number)))
        remote.load(path)
    compact_lake(remote.settings())
    [merged] = [file for file in remote.lake.files("litellm") if file.table_name == "spend_logs"]
    assert merged.is_compacted
    assert len(merged.load_ids) == 4
    assert [row[0] for row in remote.rows("request_id", order="1")] == ["0", "1", "2", "3"]
    assert remote.load(path).units == 0
