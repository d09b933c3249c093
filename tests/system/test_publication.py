"""Readers see a whole publication at every moment, however often a new one takes its place."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from pipelines.config import Settings, load_settings
from pipelines.publish import price_books, publish
from tests.system.world import environment, link, query, table_names, value

PUBLISHED = 12
READER = """
import json, pathlib, sys, duckdb
link, stop = sys.argv[1], pathlib.Path(sys.argv[2])
seen, opens, faults = [], 0, []
while not stop.exists():
    try:
        with duckdb.connect(link, read_only=True) as connection:
            name = connection.execute("select publication_id from publication").fetchone()[0]
            tables = connection.execute("select count(*) from duckdb_tables()").fetchone()[0]
            total = "select sum(billed_cost)::varchar from cost_per_team_month"
            cost = connection.execute(total).fetchone()[0]
    except Exception as fault:
        faults.append(repr(fault))
        continue
    opens += 1
    if [name, tables, cost] not in seen:
        seen.append([name, tables, cost])
        stop.with_name(name).touch()
print(json.dumps({"seen": seen, "opens": opens, "faults": faults}))
"""


@pytest.fixture
def settings(world: Path, tmp_path: Path) -> Settings:
    """Return a copy of a built home that keeps two publications besides the current one."""
    home = tmp_path / "home"
    for name in ("build.duckdb", "target/manifest.json"):
        target = home / "warehouse" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(world / "warehouse" / name, target)
    return load_settings(home, {"bursar.kept_publications": 2})


def publish_again(settings: Settings) -> Path:
    """Publish what the build file holds; return the new file."""
    manifest = settings.warehouse / "target" / "manifest.json"
    return publish(settings, manifest, {"code_version": "test"}).path


def wait_for_reader(publication: Path, seen: Path) -> None:
    """Wait until the reader has opened a publication."""
    end = time.monotonic() + 60
    while not (seen / publication.stem.removeprefix("bursar_")).exists():
        assert time.monotonic() < end, "the reader opens nothing"
        time.sleep(0.01)


def test_a_reader_never_meets_half_a_publication(settings: Settings, tmp_path: Path) -> None:
    first, stop = publish_again(settings), tmp_path / "stop"
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(settings.publication_path), str(stop)],
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for_reader(first, tmp_path)
        paths = [publish_again(settings) for _ in range(PUBLISHED - 1)]
        wait_for_reader(paths[-1], tmp_path)
    finally:
        stop.touch()
        output, _ = reader.communicate(timeout=60)
    report = json.loads(output)
    assert report["faults"] == []
    names = [name for name, *_ in report["seen"]]
    assert names == sorted(names)
    assert len(names) >= 2
    assert names[-1] == value(paths[-1], "select publication_id from publication")
    assert {tables for _, tables, _ in report["seen"]} == {len(table_names(paths[-1]))}
    assert len({cost for *_, cost in report["seen"]}) == 1


def test_earlier_publications_stay_for_going_back_and_the_oldest_go(settings: Settings) -> None:
    paths = [publish_again(settings) for _ in range(5)]
    assert sorted(settings.warehouse.glob("bursar_*")) == paths[-3:]
    assert settings.publication_path.resolve() == paths[-1]
    assert settings.publication_path.readlink() == Path(paths[-1].name)


def test_an_open_reader_keeps_what_it_opened(settings: Settings) -> None:
    first = publish_again(settings)
    with duckdb.connect(str(settings.publication_path), read_only=True) as reader:
        cost = "select sum(billed_cost) from cost_per_team_month"
        expected = reader.execute(cost).fetchone()
        for _ in range(4):
            publish_again(settings)
        assert not first.exists()
        assert reader.execute(cost).fetchone() == expected
        assert reader.execute("select publication_id from publication").fetchone()[0] in first.name


def test_what_a_killed_run_left_half_written_is_removed(settings: Settings) -> None:
    publish_again(settings)
    leftovers = [
        settings.warehouse / f"bursar_20200101T000000000000Z.duckdb{ending}"
        for ending in (".writing", ".writing.wal")
    ]
    for path in leftovers:
        path.write_bytes(b"half")
    publish_again(settings)
    assert not [path for path in leftovers if path.exists()]


def test_a_publication_holds_marts_and_dimensions_and_no_events(world: Path) -> None:
    manifest = json.loads((world / "warehouse" / "target" / "manifest.json").read_text())
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    marts = {node["name"] for node in models if node["path"].startswith(("marts/", "exports/"))}
    dimensions = {node["name"] for node in models if node["path"].startswith("core/dim_")}
    assert set(table_names(link(world))) == {*marts, *dimensions, "publication"}
    [about] = query(link(world), "select * from publication")
    assert about["publication_id"] in link(world).resolve().name
    assert about["data_complete_to"] is not None
    # The world has both books, and prices of its own.
    assert re.fullmatch(
        r"genai-prices [0-9.]+, LiteLLM [0-9.]+, own prices of version \d+ \(\d+ overrides?\)",
        about["price_book_version"],
    )


@pytest.mark.parametrize(
    ("held", "editions", "own", "wanted"),
    [
        (None, [("genai_prices", "0.9"), ("litellm_prices", "1.2")], [2, 5],
         "genai-prices 0.9, LiteLLM 1.2, own prices of version 5 (1 override)"),
        (4, [("genai_prices", "0.9")], [2, 5],
         "genai-prices 0.9, own prices of version 2 (1 override)"),
        (1, [("litellm_prices", "1.2")], [2], "LiteLLM 1.2"),
        (None, [], [], None),
    ],
)  # fmt: skip
def test_each_book_is_named_with_its_edition(
    held: int | None, editions: list[tuple[str, str]], own: list[int], wanted: str | None
) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "create table dim_prices (price_source text, price_book text, source_version text)"
        )
        connection.execute("create table dim_price_versions (source_name text, price_version int)")
        rows = [("list", *edition) for edition in editions * 2] + [("override", "org", None)]
        connection.executemany("insert into dim_prices values (?, ?, ?)", rows)
        versions = [("genai_prices", 1), *[("org", number) for number in own]]
        connection.executemany("insert into dim_price_versions values (?, ?)", versions)
        assert price_books(connection, held) == wanted
