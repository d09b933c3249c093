"""A run that is killed at any step and started again publishes what an undisturbed run does."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from pipelines.demo.generate import generate
from tests.system.feeding import hold_back
from tests.system.killing import (
    Moment,
    event_in_log,
    kill_at,
    link_moved,
    manifest_written,
    new_file,
)
from tests.system.world import END, bursar, differences, link, table_names, value

PUBLICATION_ID = "select publication_id from publication"
FIRST_FILES = Moment("the first files of a load", new_file("lake/raw_focus/*/load_date=*/*"))
FIRST_MODELS = Moment("models of a first build", event_in_log("LogStartLine", "request_sightings"))
# One after another, each in the run that mends what the one before left behind.
MOMENTS = (
    Moment("extracting", new_file("scratch/focus")),
    Moment("between two sources", new_file("lake/raw_focus/_dlt_loads/*")),
    Moment("files without their commit", new_file("lake/raw_litellm/spend_logs/load_date=*/*")),
    # Of any source: on a busy machine the kill before may come after its own commit.
    Moment("right after a commit", new_file("lake/raw_*/_dlt_loads/*")),
    Moment("dbt starting", manifest_written),
    Moment("models", event_in_log("LogStartLine", "fct_usage_hour")),
    Moment("tests", event_in_log("LogModelResult", "cost_per_team_month")),
    Moment("copying the publication", new_file("warehouse/bursar_*.duckdb.writing")),
    Moment("published, not yet noted", link_moved),
)


@dataclass(frozen=True)
class Undisturbed:
    """A home before its second run, and what both runs published when nothing disturbed them."""

    home: Path
    empty: Path
    before: Path
    first: Path
    second: Path

    def restore(self, state: Path) -> None:
        """Put the home back, under its own path: load units are named by path."""
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.copytree(state, self.home, symlinks=True)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    folder = tmp_path_factory.mktemp("kill")
    home, demo = folder / "home", folder / "home" / "demo"
    found = Undisturbed(home, *(folder / name for name in ("empty", "before", "one", "two")))
    generate(demo, days=12, requests=600, seed=5, end=date.fromisoformat(END), basic=True)
    shutil.copytree(demo, folder / "later")
    hold_back(demo)
    shutil.copytree(home, found.empty)
    bursar("run", home=home)
    shutil.copy(link(home), found.first)
    shutil.copytree(folder / "later", demo, dirs_exist_ok=True)
    shutil.copytree(home, found.before, symlinks=True)
    bursar("run", home=home)
    shutil.copy(link(home), found.second)
    assert differences(found.first, found.second)
    return found


def _noted(home: Path) -> str:
    """Return the publication of the last build that came to its end."""
    return json.loads((home / "warehouse" / "build_state.json").read_text())["publication"]


def _published(home: Path) -> str:
    """Return the publication that readers see."""
    return value(link(home), PUBLICATION_ID)


def test_killed_in_its_first_run(undisturbed: Undisturbed) -> None:
    undisturbed.restore(undisturbed.empty)
    for moment in (FIRST_FILES, FIRST_MODELS):
        kill_at(undisturbed.home, moment)
        assert not link(undisturbed.home).exists()
    bursar("run", home=undisturbed.home)
    assert differences(undisturbed.first, link(undisturbed.home)) == {}


def test_killed_and_run_again(undisturbed: Undisturbed) -> None:
    undisturbed.restore(undisturbed.before)
    for moment in MOMENTS:
        kill_at(undisturbed.home, moment)
        if moment.watch is link_moved and _noted(undisturbed.home) == _published(undisturbed.home):
            # The note follows within milliseconds: on a busy machine one try may come too late.
            undisturbed.restore(undisturbed.before)
            kill_at(undisturbed.home, moment)
        published = undisturbed.second if moment.watch is link_moved else undisturbed.first
        assert "publication" in table_names(link(undisturbed.home)), moment.name
        assert differences(published, link(undisturbed.home)) == {}, moment.name
        assert _noted(undisturbed.home) == value(undisturbed.first, PUBLICATION_ID), moment.name
    bursar("run", home=undisturbed.home)
    assert differences(undisturbed.second, link(undisturbed.home)) == {}
    assert list(link(undisturbed.home).parent.glob("*.writing*")) == []
