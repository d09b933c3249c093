"""The worlds that system tests share: demo companies built through the real command."""

from __future__ import annotations

import fcntl
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
    """Return a function that gives the built home of a seed, made once for all workers."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent

    def build(seed: int, days: int, *options: str) -> Path:
        world = folder / "_".join(("seed", str(seed), *options))
        world.mkdir(exist_ok=True)
        with (world / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (world / "done").exists():
                size = ("--days", str(days), "--requests", "1500", "--seed", str(seed))
                size = (*size, "--end", END, *options)
                bursar("demo", *size, home=world / "home", timeout=900)
                (world / "done").touch()
        return world / "home"

    return build


@pytest.fixture(scope="session")
def world(world_factory) -> Path:
    """Return the built home of a small company; tests do not change it."""
    return world_factory(3, 40)


@pytest.fixture(scope="session")
def basic_world(world_factory) -> Path:
    """Return the built home of a company with few sources, which is built again sooner."""
    return world_factory(3, 40, "--basic")


@pytest.fixture
def copy(basic_world: Path, tmp_path: Path) -> Path:
    """Return a copy of a built home that a test may spoil."""
    return Path(shutil.copytree(basic_world, tmp_path / "home", symlinks=True))
