"""How dbt is called: the runner's command line, its environment, and the hash of what it runs."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from importlib.metadata import version
from pathlib import Path

import platformdirs

from pipelines.config import PROJECT_ROOT, Settings
from pipelines.engines import Engine
from pipelines.price_versions import price_cutoff

# Other models rest on those of these; every other source's are built once it has been loaded.
BASE_SOURCES = {
    "anthropic", "focus", "genai_prices", "lake", "ledger", "litellm", "litellm_prices", "openai",
    "org",
}  # fmt: skip
CODE = (
    "models",
    "macros",
    "seeds/reference",
    "seeds/policy/rubrics",
    "tests/dbt",
    "dbt_project.yml",
    "profiles.yml",
)


def dbt_command(settings: Settings, engine: Engine, code: str) -> list[str]:
    """Return the command line to which dbt's own command is added; `code` is `code_fingerprint`."""
    return [
        sys.executable, "-m", "pipelines.dbt_runner", *_kept_parse(engine, code),
        str(target_folder(settings)),
    ]  # fmt: skip


def target_folder(settings: Settings) -> Path:
    """Return where dbt writes its manifest, its results and compiled SQL."""
    return settings.warehouse / "target"


def dbt_environment(settings: Settings, engine: Engine) -> dict[str, str]:
    """Return the environment of that command: this process's, and where dbt finds things."""
    return {
        # The log file would repeat what is read here, and costs a sixth of dbt's own time.
        "DBT_LOG_LEVEL_FILE": "none",
        **os.environ,
        "BURSAR_HOME": str(settings.home),
        "DBT_LOG_FORMAT": "json",
        "DBT_LOG_LEVEL": "none",
        "DBT_LOG_PATH": str(settings.warehouse / "logs"),
        "DBT_PROFILES_DIR": str(PROJECT_ROOT),
        "DBT_PROJECT_DIR": str(PROJECT_ROOT),
        "DBT_TARGET": engine.target,
        "DBT_VERSION_CHECK": "false",
        "BURSAR_PRICE_CUTOFF": price_cutoff(settings),
        "BURSAR_REPORTING_CURRENCY": settings.reporting_currency,
        "BURSAR_SOURCES": ",".join(sorted(loaded_sources(settings))),
        **engine.environment(),
    }


def loaded_sources(settings: Settings) -> set[str]:
    """Return the sources whose models are built: those in the lake's list; all without one."""
    path = settings.warehouse / "lake_files.jsonl"
    if not path.exists():
        return _sources()
    named = {json.loads(line)["source_name"] for line in path.read_text().splitlines()}
    return BASE_SOURCES | (named & _sources())


def leave_out(settings: Settings) -> list[str]:
    """Return the arguments that leave the other sources' models and tests out of a build."""
    others = sorted(_sources() - loaded_sources(settings))
    patterns = [f"file:{layer}_{name}__*" for name in others for layer in ("stg", "int")]
    return ["--exclude", *patterns] if patterns else []


def _sources() -> set[str]:
    return {path.name for path in (PROJECT_ROOT / "models/staging").iterdir() if path.is_dir()}


def code_fingerprint(engine: Engine) -> str:
    """Return a hash of everything that decides what a build makes of the same lake."""
    about = f"{version('dbt-core')} {engine.target} {engine.version()}"
    digest = hashlib.sha256(about.encode())
    for name in CODE:
        path = PROJECT_ROOT / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                digest.update(str(file.relative_to(PROJECT_ROOT)).encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()


def _kept_parse(engine: Engine, code: str) -> tuple[str, str]:
    """Return where this checkout's parsed project is kept for an engine, and what it must be of."""
    place = f"{PROJECT_ROOT} {engine.target}"
    name = f"parsed-{hashlib.sha256(place.encode()).hexdigest()[:16]}.zip"
    # The adapter's macros are parsed with ours.
    parsed = f"{code} {place} {version(f'dbt-{engine.target}')}"
    return (
        str(platformdirs.user_cache_path("bursar") / name),
        hashlib.sha256(parsed.encode()).hexdigest(),
    )
