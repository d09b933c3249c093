"""Loads sources into the lake: runs each one's `extract` through dlt and reports what came."""

from __future__ import annotations

import importlib
import logging
import pkgutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import dlt
import duckdb
import pyarrow as pa
import pyarrow.compute
from dlt.common.time import increasing_precise_time
from dlt.pipeline.exceptions import PipelineStepFailed

import pipelines.sources
from pipelines.config import Settings, SettingsError, SourceSettings
from pipelines.lake import BOOKKEEPING, COMMON, LAYOUT, Lake, clear_scratch, connect, read_units
from pipelines.machine import remedy
from pipelines.telemetry import span

COUNTS = ("records_read", "records_loaded", "records_quarantined", "records_duplicate")
Progress = Callable[[int, int | None, str], None]
ROWS_AN_ITEM = 10_000
"""What dlt is handed at once, at the least: each item costs it milliseconds, however small."""
NEED_NO_SETTING = ("genai_prices", "ledger", "litellm_prices", "org")


@dataclass(frozen=True)
class KnownUnit:
    """What the lake holds of one load unit."""

    load_unit_id: str
    size_bytes: int | None
    modified_at: datetime | None
    content_sha256: str | None
    records_read: int
    records_loaded: int
    records_duplicate: int
    covers_from: datetime | None
    covers_to: datetime | None
    is_complete: bool
    pulled_at: datetime

    @property
    def is_copy(self) -> bool:
        """Whether all of it had come under another path already."""
        return self.records_duplicate > 0 and not self.records_loaded


@dataclass
class LoadContext:
    """What one source is given while it extracts."""

    settings: SourceSettings
    lake: Lake
    salt: str
    hash_identifiers: bool
    now: datetime
    report: Progress
    faults: list[str] = field(default_factory=list)

    def connection(self) -> duckdb.DuckDBPyConnection:
        """Return a DuckDB connection: UTC, two threads."""
        return connect()

    def known_units(self) -> dict[str, KnownUnit]:
        """Return what finished loads hold, by load unit."""
        names = KnownUnit.__dataclass_fields__
        rows = read_units(self.lake, self.settings.source)
        return {
            row["load_unit_id"]: KnownUnit(**{name: row[name] for name in names}) for row in rows
        }

    def pseudonym_sql(self, expression: str) -> str:
        """Return SQL that hashes an identifier with the salt; NULL and '' give NULL."""
        if not self.hash_identifiers:
            return f"nullif(cast({expression} as varchar), '')"
        salt = self.salt.replace("'", "''")
        return f"left(sha256('{salt}:' || nullif(cast({expression} as varchar), '')), 32)"

    def pseudonym(self, text: str | None) -> str | None:
        """Return the value `pseudonym_sql` gives for one text."""
        with duckdb.connect() as connection:
            return connection.execute(f"select {self.pseudonym_sql('$1')}", [text]).fetchone()[0]

    def progress(self, done: int, total: int | None, what: str) -> None:
        """Say how far the load is."""
        self.report(done, total, f"{self.settings.source}: {what}")

    def fail_later(self, message: str) -> None:
        """Report a fault of one file or endpoint; the rest goes on."""
        self.faults.append(message)


@dataclass
class LoadReport:
    """What one source's load did."""

    source_name: str
    is_configured: bool = True
    records_read: int = 0
    records_loaded: int = 0
    records_quarantined: int = 0
    records_duplicate: int = 0
    units: int = 0
    faults: list[str] = field(default_factory=list)


def source_modules() -> dict[str, ModuleType]:
    """Return every source folder's module, by its name."""
    names = [item.name for item in pkgutil.iter_modules(pipelines.sources.__path__) if item.ispkg]
    return {name: importlib.import_module(f"pipelines.sources.{name}") for name in sorted(names)}


def load_sources(settings: Settings, chosen: list[str], report: Progress) -> list[LoadReport]:
    """Load the chosen sources (all configured ones where none is chosen); raise SettingsError."""
    modules = source_modules()
    unknown = [name for name in chosen if name not in modules]
    if unknown:
        raise SettingsError(f"There is no source {unknown[0]!r}: choose from {', '.join(modules)}.")
    reports = []
    for name in chosen or modules:
        if modules[name].is_configured(settings.source(name)):
            reports.append(load_source(settings, modules[name], report))
        elif name in chosen:
            raise SettingsError(
                f"The source {name} is not configured: see pipelines/sources/{name}/README.md."
            )
    return reports


def load_source(settings: Settings, module: ModuleType, report: Progress) -> LoadReport:
    """Load one source; its faults are in the report, the lake keeps what was whole."""
    with span(f"load {module.NAME}", **{"bursar.source": module.NAME}) as current:
        result = _load_source(settings, module, report)
        for name in COUNTS:
            current.set_attribute(f"bursar.{name}", getattr(result, name))
        current.set_attribute("bursar.faults", len(result.faults))
        return result


def _load_source(settings: Settings, module: ModuleType, report: Progress) -> LoadReport:
    lake = Lake(settings.lake_url)
    now = _not_before_last_load(lake, module.NAME)
    context = LoadContext(
        settings=settings.source(module.NAME),
        lake=lake,
        salt=settings.salt(),
        hash_identifiers=settings.hash_identifiers,
        now=now,
        report=report,
    )
    result = LoadReport(module.NAME, faults=context.faults)
    scratch = settings.home / "scratch" / module.NAME
    clear_scratch(scratch)
    try:
        first, rest = _peek(_gathered(_checked(module, context, result)))
        if first is not None:
            _run_dlt(module.NAME, lake, scratch, _chain(first, rest))
    except SettingsError:
        raise
    except PipelineStepFailed as failure:
        context.fail_later(f"{module.NAME}: {_root_cause(failure)}")
    except Exception as failure:
        logging.getLogger(__name__).debug("load of %s failed", module.NAME, exc_info=True)
        context.fail_later(f"{module.NAME}: {_root_cause(failure)}")
    else:
        return result
    finally:
        clear_scratch(scratch)
    # Nothing of it is committed, whatever went by.
    return LoadReport(module.NAME, faults=context.faults)


def _not_before_last_load(lake: Lake, source_name: str) -> datetime:
    """Return the time, or the last load's where the clock was set back since.

    The newest delivery of a record counts, so load ids must go on rising.
    """
    newest = max((float(load) for load in lake.committed_loads(source_name)), default=0.0)
    # dlt's own clock rises within a process; here it is told of the processes before.
    increasing_precise_time._last = max(increasing_precise_time._last, newest)
    return datetime.fromtimestamp(max(time.time(), newest), tz=UTC)


def _run_dlt(name: str, lake: Lake, scratch: Any, tables: Iterator[tuple[str, pa.Table]]) -> None:
    pipeline = dlt.pipeline(
        pipeline_name=name,
        pipelines_dir=str(scratch),
        dataset_name=f"raw_{name}",
        destination=dlt.destinations.filesystem(bucket_url=lake.url, layout=LAYOUT),
    )
    # The tables are typed by the source, so dlt need not remember a schema between loads.
    pipeline.config.restore_from_destination = False

    @dlt.resource(
        name=name,
        schema_contract={"tables": "evolve", "columns": "evolve", "data_type": "freeze"},
    )
    def records() -> Iterator[Any]:
        for table_name, rows in tables:
            yield dlt.mark.with_table_name(rows, table_name)

    pipeline.run(
        dlt.source(lambda: records, name=name, max_table_nesting=0)(),
        loader_file_format="parquet",
        write_disposition="append",
    ).raise_on_failed_jobs()


def _checked(
    module: ModuleType, context: LoadContext, result: LoadReport
) -> Iterator[tuple[str, pa.Table]]:
    """Yield what the source extracts, held to its declared tables, counting as it goes by."""
    declared = {
        name: pa.schema([*COMMON, *schema]) for name, schema in module.TABLES.items()
    } | BOOKKEEPING
    for table_name, rows in module.extract(context):
        if rows.schema.names != declared[table_name].names:
            raise ValueError(f"table {table_name} has columns {rows.schema.names}")
        if table_name == "load_units":
            _count(rows, result)
        if rows.num_rows:
            yield table_name, rows.cast(declared[table_name])


def _gathered(tables: Iterator[tuple[str, pa.Table]]) -> Iterator[tuple[str, pa.Table]]:
    """Yield the same rows, those of few rows put together by their table."""
    waiting: dict[str, list[pa.Table]] = {}
    counts: Counter[str] = Counter()
    for name, rows in tables:
        waiting.setdefault(name, []).append(rows)
        counts[name] += rows.num_rows
        if counts[name] >= ROWS_AN_ITEM:
            del counts[name]
            yield name, pa.concat_tables(waiting.pop(name))
    for name, few in waiting.items():
        yield name, pa.concat_tables(few)


def _count(units: pa.Table, result: LoadReport) -> None:
    result.units += units.num_rows
    for name in COUNTS:
        total = pa.compute.sum(units.column(name)).as_py() or 0
        setattr(result, name, getattr(result, name) + total)


def _peek(tables: Iterator[tuple[str, pa.Table]]) -> tuple[Any, Iterator[tuple[str, pa.Table]]]:
    """Return the first item, so that a load with nothing new does not start dlt at all."""
    return next(tables, None), tables


def _chain(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from rest


def _root_cause(failure: BaseException) -> str:
    while cause := failure.__cause__ or (
        None if failure.__suppress_context__ else failure.__context__
    ):
        failure = cause
    message = " ".join(str(failure).split())[:500]
    what = remedy(message)
    return f"{message}: {what}" if what else message
