"""The worlds that system tests share: demo companies built through the real command."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.system.world import END, bursar, environment


@pytest.fixture(autouse=True, scope="module")
def _own_environment():
    """Keep the caller's settings of Bursar out of runs inside this process too."""
    with pytest.MonkeyPatch.context() as patch:
        for name in set(os.environ) - set(environment()):
            patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def world_factory(tmp_path_factory: pytest.TempPathFactory):
    """Return a function that gives the built home of a seed, made once a session."""
    homes: dict[int, Path] = {}

    def build(seed: int, days: int) -> Path:
        if seed not in homes:
            home = tmp_path_factory.mktemp(f"seed_{seed}") / "home"
            size = ("--days", str(days), "--requests", "1500", "--seed", str(seed))
            bursar("demo", *size, "--end", END, home=home)
            homes[seed] = home
        return homes[seed]

    return build


@pytest.fixture(scope="session")
def world(world_factory) -> Path:
    """Return the built home of a small company; tests do not change it."""
    return world_factory(3, 40)


@pytest.fixture
def copy(world: Path, tmp_path: Path) -> Path:
    """Return a copy of a built home that a test may spoil."""
    return Path(shutil.copytree(world, tmp_path / "home", symlinks=True))
