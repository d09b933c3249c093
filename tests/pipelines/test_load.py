"""Loading: a source that fails half-way loses and doubles nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from pipelines import load as load_module
from pipelines.cli import SOURCE_FAILED, WRONG_USAGE, app
from pipelines.config import SettingsError, load_settings
from pipelines.lake import COMMON, LOAD_UNITS, Lake, read_units
from pipelines.load import LoadContext, load_source, load_sources
from tests.litellm_logs import spend_log

NUMBERS = pa.schema([("number", pa.int64())])


def numbers(unit: str, values: range) -> tuple[str, pa.Table]:
    columns = [pa.array([unit] * len(values)), pa.array(values, pa.int64())]
    schema = pa.schema([*COMMON, *NUMBERS])
    return "numbers", pa.table([*columns, pa.array(values, pa.int64())], schema=schema)


def account(context: LoadContext, unit: str, count: int) -> tuple[str, pa.Table]:
    row: dict[str, Any] = dict.fromkeys(LOAD_UNITS.names) | {
        "load_unit_id": unit, "unit_kind": "api", "location": unit, "table_name": "numbers",
        "records_read": count, "records_loaded": count, "records_quarantined": 0,
        "records_duplicate": 0, "is_complete": True, "pulled_at": context.now.replace(tzinfo=None),
    }  # fmt: skip
    return "load_units", pa.Table.from_pylist([row], schema=LOAD_UNITS)


class Source(SimpleNamespace):
    """A source of three units that fails where it is told to."""

    NAME = "numbers"
    TABLES = {"numbers": NUMBERS}  # noqa: RUF012
    fails_at: int | None = None
    failure: Exception = RuntimeError("the provider hung up")

    def is_configured(self, _: Any) -> bool:
        """Tell that it is."""
        return True

    def extract(self, context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
        """Yield the units that the lake does not hold, then fail before the one of that number."""
        known = context.known_units()
        for number in range(3):
            if f"unit:{number}" in known:
                continue
            yield numbers(f"unit:{number}", range(number * 1000, (number + 1) * 1000))
            if number == self.fails_at:
                raise self.failure
            yield account(context, f"unit:{number}", 1000)


def stored(settings: Any) -> list[int]:
    lake = Lake(settings.lake_url)
    paths = [file.path for file in lake.files("numbers") if file.table_name == "numbers"]
    if not paths:
        return []
    with lake.connection() as connection:
        sql = "select number from read_parquet(?) order by number"
        return [row[0] for row in connection.sql(sql, params=[paths]).fetchall()]


@pytest.fixture
def settings(tmp_path):
    return load_settings(tmp_path / "home", {"bursar.salt": "pepper"})


def run(settings: Any, source: Source) -> Any:
    return load_source(settings, source, lambda *_: None)


@pytest.mark.parametrize("fails_at", [0, 1, 2])
def test_a_source_that_fails_half_way_leaves_nothing_and_the_next_load_brings_all(
    settings, fails_at
):
    report = run(settings, Source(fails_at=fails_at))
    assert report.faults == ["numbers: the provider hung up"]
    assert stored(settings) == []
    assert read_units(Lake(settings.lake_url), "numbers") == []
    assert run(settings, Source()).faults == []
    assert stored(settings) == list(range(3000))
    assert run(settings, Source()).units == 0
    assert stored(settings) == list(range(3000))


def test_a_failed_load_does_not_touch_what_earlier_ones_brought(settings, monkeypatch):
    source = Source()
    plain = source.extract
    source.extract = lambda context: (
        item for number, item in enumerate(plain(context)) if number < 2
    )
    run(settings, source)
    assert stored(settings) == list(range(1000))
    run(settings, Source(fails_at=2))
    assert stored(settings) == list(range(1000))
    run(settings, Source())
    assert stored(settings) == list(range(3000))


def test_what_a_failed_load_did_not_keep_is_not_reported_as_loaded(settings):
    report = run(settings, Source(fails_at=2))
    assert (report.units, report.records_loaded) == (0, 0)


def test_a_writer_that_fails_is_a_fault_and_commits_nothing(settings, monkeypatch):
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(
            "dlt.destinations.impl.filesystem.filesystem.FilesystemClient.complete_load", refuse
        )
        report = run(settings, Source())
        assert "No space left on device" in report.faults[0]
    assert stored(settings) == []
    assert run(settings, Source()).records_loaded == 3000
    assert stored(settings) == list(range(3000))


def test_what_a_killed_load_left_in_the_working_folder_is_not_loaded_later(settings):
    leftover = settings.home / "scratch" / "numbers" / "numbers" / "load" / "new" / "1.0"
    leftover.mkdir(parents=True)
    (leftover / "load_package_state.json").write_text("{}")
    assert run(settings, Source()).faults == []
    assert stored(settings) == list(range(3000))
    assert not (settings.home / "scratch" / "numbers").exists()


def test_a_table_that_is_not_as_declared_is_a_fault(settings):
    source = Source()
    source.extract = lambda _: iter([("numbers", pa.table({"number": [1]}))])
    assert "table numbers has columns" in run(settings, source).faults[0]
    assert stored(settings) == []


def test_a_wrong_setting_is_said_before_anything_is_written(settings):
    source = Source()

    def extract(_: LoadContext) -> Iterator[tuple[str, pa.Table]]:
        raise SettingsError("SOURCES__X is 'a': give a number.")
        yield

    source.extract = extract
    with pytest.raises(SettingsError, match="give a number"):
        run(settings, source)
    assert stored(settings) == []


def test_the_other_sources_go_on_when_one_fails(settings, monkeypatch):
    sources = {"first": Source(fails_at=0), "numbers": Source()}
    sources["first"].NAME = "first"
    monkeypatch.setattr(load_module, "source_modules", lambda: sources)
    first, second = load_sources(settings, [], lambda *_: None)
    assert first.faults == ["first: the provider hung up"]
    assert (second.faults, second.records_loaded) == ([], 3000)


def test_pseudonyms_of_sql_and_of_texts_agree(settings):
    context = LoadContext(
        settings.source("numbers"), Lake("unused"), "it's", True, datetime.now().astimezone(), print
    )
    with context.connection() as connection:
        sql = (
            f"select {context.pseudonym_sql('name')} from (values ('ann'), (''), (null)) as t(name)"
        )
        assert [row[0] for row in connection.sql(sql).fetchall()] == [
            context.pseudonym("ann"), None, None,
        ]  # fmt: skip
    assert len(context.pseudonym("ann")) == 32


def test_the_command_says_which_source_failed_and_exits_3(tmp_path, monkeypatch):
    monkeypatch.setattr(load_module, "source_modules", lambda: {"numbers": Source(fails_at=1)})
    result = CliRunner().invoke(app, ["load", "--home", str(tmp_path)])
    assert result.exit_code == SOURCE_FAILED
    assert "numbers: the provider hung up" in result.stderr


def test_an_unknown_source_is_a_wrong_usage(tmp_path):
    result = CliRunner().invoke(app, ["load", "litelm", "--home", str(tmp_path)])
    assert result.exit_code == WRONG_USAGE
    assert "There is no source 'litelm'" in result.stderr


def test_a_clock_that_is_set_back_does_not_make_newer_loads_look_older(home, logs):
    from dlt.common.time import increasing_precise_time as clock

    right = clock()
    try:
        clock._last = right + 86_400  # as a process whose clock was a day ahead leaves it
        path = logs("a.jsonl", spend_log("a", spend=1))
        home.load(path)
    finally:
        clock._last = right
    logs("a.jsonl", spend_log("a", spend=2), spend_log("b"))
    home.load(path)
    first, second = home.lake.committed_loads("litellm")
    assert float(second) > float(first) > right + 86_000
    [unit] = read_units(home.lake, "litellm")
    assert unit["records_loaded"] == 2
