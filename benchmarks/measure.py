"""Runs one command in a child process and says what it cost."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
SAMPLE_SECONDS = 0.05


class StepError(Exception):
    """A measured command failed; the message holds the end of what it said."""


@dataclass(frozen=True)
class Cost:
    """What one command cost: seconds, and the most bytes its process tree held at one moment."""

    wall: float
    cpu: float
    peak_bytes: int

    def __add__(self, other: Cost) -> Cost:
        """Return what one after the other cost."""
        peak = max(self.peak_bytes, other.peak_bytes)
        return Cost(self.wall + other.wall, self.cpu + other.cpu, peak)


def median(costs: Sequence[Cost]) -> Cost:
    """Return the medians of time, and the highest peak."""
    return Cost(
        wall=statistics.median(cost.wall for cost in costs),
        cpu=statistics.median(cost.cpu for cost in costs),
        peak_bytes=max(cost.peak_bytes for cost in costs),
    )


def run_python(arguments: list[str], environment: Mapping[str, str]) -> Cost:
    """Run this Python with arguments; raise StepError where it exits with anything but 0."""
    return run([sys.executable, *arguments], environment)[0]


def run(command: list[str], environment: Mapping[str, str]) -> tuple[Cost, str]:
    """Run a command; return its cost and what it said; raise StepError where it fails.

    Processor time is that of the process and all it waited for, as the kernel counts it. The peak
    is the sum of resident memory over the tree, sampled; pages that processes share count in each.
    """
    started = time.perf_counter()
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        sampler = _Sampler(process.pid)
        sampler.start()
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        sampler.stop()
    if process.returncode:
        raise StepError(f"{' '.join(command)} exited {process.returncode}:\n{output[-3000:]}")
    # A child begins with what this process held at the most: below that the kernel tells nothing.
    known = usage.ru_maxrss > resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak = max(sampler.peak, usage.ru_maxrss * 1024 if known else 0)
    return Cost(wall, usage.ru_utime + usage.ru_stime, peak), output


class _Sampler(threading.Thread):
    """Keeps the highest sum of resident memory of a process and its descendants."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self._process = psutil.Process(pid)
        self._done = threading.Event()

    def run(self) -> None:
        is_done = False
        while not is_done:
            self.peak = max(self.peak, self._resident())
            is_done = self._done.wait(SAMPLE_SECONDS)

    def stop(self) -> None:
        self._done.set()
        self.join()

    def _resident(self) -> int:
        total = 0
        try:
            for process in [self._process, *self._process.children(recursive=True)]:
                total += process.memory_info().rss
        except psutil.Error:
            return total
        return total


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files below a folder."""
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
