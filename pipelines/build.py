"""Builds the warehouse with dbt, audits it with dbt's tests, publishes it when all of them hold."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
from dataclasses import dataclass
from typing import Any

from pipelines.config import PROJECT_ROOT, Settings
from pipelines.dbt_call import (
    code_fingerprint,
    dbt_command,
    dbt_environment,
    leave_out,
    target_folder,
)
from pipelines.engines import DUCKDB, Engine, Loads, open_engine
from pipelines.lake import Lake, LakeFile, clear_scratch, read_rows, write_manifest
from pipelines.load import Progress
from pipelines.machine import BUILD_MEMORY, remedy
from pipelines.price_versions import ORG_TABLES, PRICE_BOOKS, price_cutoff
from pipelines.publish import PREFIX, Publication, current_publication, publish
from pipelines.signals import held_back
from pipelines.telemetry import add_nodes, span

# What the test `holds` calls the names of the rules that a row breaks.
BROKEN_RULES = "broken_rules"


@dataclass(frozen=True)
class Failure:
    """A model that could not be built, or a test that refused, with rows that show why."""

    name: str
    message: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()


class BuildRefused(Exception):  # noqa: N818 - a refusal is the audit doing its work
    """The audit refused, or dbt failed; readers still see the last publication."""

    def __init__(self, failures: list[Failure]) -> None:
        """Keep the failures for the message."""
        super().__init__(f"{len(failures)} checks failed")
        self.failures = failures


@dataclass
class BuildReport:
    """What a build did."""

    was_needed: bool
    is_full: bool = False
    new_loads: int = 0
    tests: int = 0
    models: int = 0
    publication: Publication | None = None


def build(
    settings: Settings,
    report: Progress,
    *,
    full: bool = False,
    target: str = DUCKDB,
) -> BuildReport:
    """Build what is new, audit, publish; raise BuildRefused where a test or model fails."""
    with span("build", **{"bursar.target": target}):
        return _build(settings, report, full=full, target=target)


def _build(settings: Settings, report: Progress, *, full: bool, target: str) -> BuildReport:
    engine = open_engine(settings, target)
    settings.warehouse.mkdir(parents=True, exist_ok=True)
    # Where DuckDB spills; a killed build leaves its own.
    clear_scratch(settings.home / "scratch" / "spill")
    (settings.home / "scratch").mkdir(exist_ok=True)
    files = write_manifest(Lake(settings.lake_url), settings.warehouse / "lake_files.jsonl")
    state, wanted, loads = read_state(settings), state_now(settings, engine, files), _loads(files)
    code, prices = wanted["code"], wanted["prices"]
    if _is_of(state, wanted) and current_publication(settings) and not full:
        return BuildReport(was_needed=False)
    engine.prepare(files)
    built = engine.built_loads()
    new = loads - built
    is_full = (
        full
        or state.get("code") != code
        or state.get("prices", "") != prices
        or (bool(built) and _prices_changed(settings, new))
        # Loads that are gone were taken back, or are another lake's: what was built of them goes.
        or bool(built - loads)
        or engine.needs_full_build()
    )
    arguments = _build_arguments(settings, full=is_full)
    failures, results = run_dbt(settings, report, engine, code, arguments)
    # A test that refuses is the audit at work; what breaks may have met damage.
    broke = not results or any(result["status"] == "error" for result in results)
    if failures and broke and engine.puts_aside_damage():
        is_full = True
        arguments = _build_arguments(settings, full=True)
        failures, results = run_dbt(settings, report, engine, code, arguments)
    if failures:
        raise BuildRefused(failures)
    manifest = target_folder(settings) / "manifest.json"
    with span("publish"):
        published = publish(settings, manifest, {"code_version": code[:12]}, engine)
    engine.finish(loads)
    write_state(settings, {**wanted, "publication": published.publication_id})
    kinds = [result["unique_id"].split(".")[0] for result in results]
    return BuildReport(
        was_needed=True,
        is_full=is_full,
        new_loads=len(new),
        tests=kinds.count("test") + kinds.count("unit_test"),
        models=kinds.count("model"),
        publication=published,
    )


def read_state(settings: Settings) -> dict[str, str]:
    """Return what the last finished build wrote down; empty where none finished."""
    path = settings.warehouse / "build_state.json"
    try:
        return json.loads(path.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}


def state_now(settings: Settings, engine: Engine, files: list[LakeFile]) -> dict[str, str]:
    """Return what a build of these files would write down, but for its publication."""
    return {
        "code": code_fingerprint(engine),
        "loads": _digest(_loads(files)),
        "prices": price_cutoff(settings),
        "reporting_currency": settings.reporting_currency,
    }


def is_up_to_date(settings: Settings, target: str) -> bool:
    """Tell whether readers see all that is loaded, by the code and settings of now."""
    lake, state = Lake(settings.lake_url), read_state(settings)
    files = [file for source in lake.sources() for file in lake.files(source)]
    publication = current_publication(settings)
    return (
        publication is not None
        and publication.stem == f"{PREFIX}{state.get('publication')}"
        and _is_of(state, state_now(settings, open_engine(settings, target), files))
    )


def _is_of(state: dict[str, str], wanted: dict[str, str]) -> bool:
    # Of a home that an earlier version built last.
    before = {"prices": "", "reporting_currency": "USD"}
    return all((before | state).get(name) == value for name, value in wanted.items())


def write_state(settings: Settings, state: dict[str, str]) -> None:
    """Write down what a finished build took in, atomically."""
    path = settings.warehouse / "build_state.json"
    scratch = path.with_suffix(".writing")
    scratch.write_text(json.dumps(state))
    scratch.replace(path)


def _loads(files: list[LakeFile]) -> Loads:
    return {(file.source_name, load_id) for file in files for load_id in file.load_ids}


def _digest(loads: Loads) -> str:
    return hashlib.sha256(json.dumps(sorted(loads)).encode()).hexdigest()


def _prices_changed(settings: Settings, new: Loads) -> bool:
    """Tell whether history has to be priced again: a new price list, or other negotiated prices.

    The accounts say so, not the files: prices that were taken away leave none.
    """
    if any(source in PRICE_BOOKS for source, _ in new):
        return True
    lake, loads = Lake(settings.lake_url), {load for source, load in new if source == "org"}
    return any(
        file.table_name == "load_units"
        and loads.intersection(file.load_ids)
        and any(unit["table_name"] in ORG_TABLES for unit in read_rows(lake, file))
        for file in lake.files("org")
    )


def _build_arguments(settings: Settings, *, full: bool) -> list[str]:
    # Unit tests test the models, not the data: `make test` runs them.
    return [
        *(["--full-refresh"] if full else []),
        "--exclude-resource-type", "unit_test", *leave_out(settings),
    ]  # fmt: skip


def run_dbt(
    settings: Settings, report: Progress, engine: Engine, code: str, arguments: list[str]
) -> tuple[list[Failure], list[dict[str, Any]]]:
    """Run `dbt build` with arguments; return what failed, and what dbt says of every node."""
    results_path = target_folder(settings) / "run_results.json"
    results_path.unlink(missing_ok=True)
    command = [*dbt_command(settings, engine, code), "build", *arguments]
    errors: list[str] = []
    process = None
    try:
        with held_back(signal.SIGTERM):
            process = subprocess.Popen(
                command,
                cwd=PROJECT_ROOT,
                env=dbt_environment(settings, engine),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                # It inherits the home's lock: were this process killed, no run starts beside dbt.
                close_fds=False,
            )
        for line in process.stdout:
            _follow(line, report, errors)
    except BaseException:
        if process:
            process.terminate()
        raise
    finally:
        if process:
            process.communicate()
    stopped = Failure(
        "dbt", _in_one_line(errors[-1] if errors else f"it stopped, exit code {process.returncode}")
    )
    if not results_path.exists():
        return [stopped], []
    results = json.loads(results_path.read_text())["results"]
    add_nodes(results)
    failures = [
        _failure(engine, result) for result in results if result["status"] in ("error", "fail")
    ]
    if process.returncode and not failures:
        failures = [stopped]
    return failures, results


def _follow(line: str, report: Progress, errors: list[str]) -> None:
    """Turn one line of what dbt says into progress; keep its errors."""
    try:
        said = json.loads(line)
    except json.JSONDecodeError:
        if line.strip():
            errors.append(line)
        return
    if said["level"] == "error" and said["message"].strip():
        errors.append(said["message"])
    if "node" in said:
        report(said["index"], said["total"], f"build: {said['node']}")


def _failure(engine: Engine, result: dict[str, Any]) -> Failure:
    """Return a failed node with its first rows, where it is a test that returns any."""
    name = result["unique_id"].split(".")[2]
    message = _in_one_line(result.get("message") or result["status"])
    sql = result.get("compiled_code")
    if result["status"] != "fail" or not sql:
        return Failure(name, message)
    try:
        columns, rows = engine.first_rows(sql)
    except LookupError:
        return Failure(name, message)
    if rows and columns[0] == BROKEN_RULES:
        message = f"{message.rstrip('.')}, the first: {rows[0][0].strip()}"
    return Failure(name, message, columns, rows)


def _in_one_line(message: str) -> str:
    """Return what dbt said without the SQL it quotes, and what to do where one can know it."""
    kept = message.split("LINE 1:")[0].replace("Encountered an error:", "")
    line = " ".join(kept.split())[:500]
    if "Out of Memory Error" in line:
        reason = line.split("Possible")[0].strip()
        return f"{reason}: raise BURSAR_MEMORY_LIMIT ({BUILD_MEMORY})."
    if what := remedy(line):
        return f"{line}: {what}"
    return f"{line} `bursar doctor` says how to mend it." if ".parquet" in message else line
