"""One run: load, then build, with one run at a time in a home."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pipelines.build import BuildReport, build
from pipelines.config import PROJECT_ROOT, Settings, SettingsError
from pipelines.demo.home import demo_settings
from pipelines.engines import DUCKDB
from pipelines.home import check_format, read_format, write_format
from pipelines.inspect import decision_warnings
from pipelines.ledger.close import Request, close_month
from pipelines.load import NEED_NO_SETTING, LoadReport, Progress, load_sources, source_modules
from pipelines.privacy.journal import finish


@dataclass
class RunReport:
    """What a run loaded and built."""

    loads: list[LoadReport]
    build: BuildReport | None
    # Whether sources were named: then it is known that these alone were wanted.
    has_chosen: bool = False
    # What was taken and yet does nothing, a sentence each.
    warnings: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """What went wrong in a source while the others went on."""
        return [fault for load in self.loads for fault in load.faults]

    @property
    def hint(self) -> str | None:
        """One sentence where a load of everything found no source that is configured."""
        loaded = {load.source_name for load in self.loads}
        if self.has_chosen or not loaded or loaded - {*NEED_NO_SETTING}:
            return None
        sources = ", ".join(name for name in source_modules() if name not in NEED_NO_SETTING)
        return (
            f"no source is configured: give settings for one of {sources} in .dlt/config.toml of "
            f"this folder or of {PROJECT_ROOT}, or in the environment."
        )


@contextmanager
def only_run(settings: Settings) -> Iterator[None]:
    """Hold the home's lock; raise SettingsError where another run has it or settings are wrong."""
    settings.check()
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise SettingsError(
            f"The home {settings.home} cannot be made ({failure.strerror}): give another --home."
        ) from None
    check_format(read_format(settings), settings.home)
    with open(settings.home / "run.lock", "a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise SettingsError(
                f"Another run (process {lock.read().strip()}, or dbt that it left behind) works in "
                f"{settings.home}: wait for it, or give another --home."
            ) from None
        os.set_inheritable(lock.fileno(), True)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        write_format(settings)
        finish(settings)
        yield


def run_load(settings: Settings, chosen: list[str], report: Progress) -> RunReport:
    """Load the chosen sources, or all configured ones."""
    with only_run(settings), demo_settings(settings) as effective:
        return RunReport(load_sources(effective, chosen, report), None, bool(chosen))


def run_build(
    settings: Settings, report: Progress, *, full: bool = False, target: str = DUCKDB
) -> RunReport:
    """Build, audit and publish what the lake holds."""
    with only_run(settings):
        built = build(settings, report, full=full, target=target)
        return RunReport([], built, warnings=decision_warnings(settings))


def run_all(
    settings: Settings, report: Progress, *, full: bool = False, target: str = DUCKDB
) -> RunReport:
    """Load every configured source, then build; a failed source does not stop the others."""
    with only_run(settings):
        with demo_settings(settings) as effective:
            loads = load_sources(effective, [], report)
        built = build(settings, report, full=full, target=target)
        return RunReport(loads, built, warnings=decision_warnings(settings))


def run_close(settings: Settings, request: Request, report: Progress) -> dict[str, Any]:
    """Close a month, and build with it."""
    with only_run(settings), demo_settings(settings) as effective:
        return close_month(effective, request, report)
