"""Kills a run with SIGKILL at a chosen moment, told by what the run writes to the disk."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.system.world import command, environment, link

SECONDS = 120
Reached = Callable[[Path], bool]


@dataclass(frozen=True)
class Moment:
    """A point in a run: `watch` looks at a home before the run and returns what tells the point."""

    name: str
    watch: Callable[[Path], Reached]


def new_file(pattern: str) -> Callable[[Path], Reached]:
    """Tell that a file matching a pattern below the home has come into being."""

    def watch(home: Path) -> Reached:
        before = set(home.glob(pattern))
        return lambda home: any(path not in before for path in home.glob(pattern))

    return watch


def event_in_log(name: str, node: str) -> Callable[[Path], Reached]:
    """Tell that dbt has logged an event of a node since the run began."""

    def watch(home: Path) -> Reached:
        log = home / "warehouse" / "logs" / "dbt.log"
        start = log.stat().st_size if log.exists() else 0

        def reached(_: Path) -> bool:
            if not log.exists():
                return False
            with log.open("rb") as file:
                # A log that was rotated begins anew.
                file.seek(start if log.stat().st_size >= start else 0)
                lines = file.read().decode(errors="replace").splitlines()
            return any(f'"name": "{name}"' in line and f'"{node}"' in line for line in lines)

        return reached

    return watch


def link_moved(home: Path) -> Reached:
    """Tell that readers' link points to another publication."""
    place = link(home)
    before = os.readlink(place) if place.is_symlink() else None
    return lambda _: place.is_symlink() and os.readlink(place) != before


def manifest_written(home: Path) -> Reached:
    """Tell that the build has listed the lake's files and is about to start dbt."""
    place = home / "warehouse" / "lake_files.jsonl"
    before = place.stat().st_ino if place.exists() else None
    return lambda _: place.exists() and place.stat().st_ino != before


def kill_at(home: Path, moment: Moment) -> None:
    """Start `bursar run`, and kill its whole process group at the moment."""
    reached = moment.watch(home)
    with (home.parent / "run.log").open("w") as log:
        process = subprocess.Popen(
            command("run", home=home),
            env=environment(DBT_LOG_LEVEL_FILE="info"),
            cwd=home.parent,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait_for(process, home, moment.name, reached)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    assert process.returncode == -signal.SIGKILL


def _wait_for(process: subprocess.Popen, home: Path, name: str, reached: Reached) -> None:
    end = time.monotonic() + SECONDS
    while not reached(home):
        log = home.parent / "run.log"
        assert process.poll() is None, f"the run ended before {name}: {log.read_text()}"
        assert time.monotonic() < end, f"{name} did not come in {SECONDS} s: {log.read_text()}"
        time.sleep(0.002)
