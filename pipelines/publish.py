"""Writes a publication: the small, read-only file that apps, exports and people read.

A publication has a name of its own; `bursar.duckdb` is a link that is swapped atomically, so a
reader sees the last whole one or the new whole one.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from pipelines.config import Settings, SettingsError
from pipelines.engines import DUCKDB, Engine, PublishedModel, open_engine
from pipelines.ledger.frozen import keep_closed
from pipelines.machine import WORKING
from pipelines.price_versions import held_version
from pipelines.privacy.hiding import hide_paths

WRITING = ".writing"
PREFIX = "bursar_"


@dataclass(frozen=True)
class Publication:
    """One published file."""

    publication_id: str
    path: Path
    published_at: datetime
    tables: int
    size_bytes: int


def published_models(manifest_path: Path) -> dict[str, PublishedModel]:
    """Return what is published, by name: core dimensions, marts and exports, no events."""
    return {
        name: model
        for name, (folder, model) in contracted_models(manifest_path).items()
        if folder in ("marts", "exports") or (folder == "core" and name.startswith("dim_"))
    }


def contracted_models(manifest_path: Path) -> dict[str, tuple[str, PublishedModel]]:
    """Return the models whose columns have types, by name, each with its folder."""
    models = {}
    for node in json.loads(manifest_path.read_text())["nodes"].values():
        folder = Path(node["path"]).parts[0]
        if node["resource_type"] == "model" and folder in ("core", "marts", "exports"):
            types = {name: column["data_type"] for name, column in node["columns"].items()}
            found = PublishedModel(f"{node['schema']}.{node['alias']}", types)
            models[node["name"]] = (folder, found)
    return models


def publish(
    settings: Settings,
    manifest_path: Path,
    about: dict[str, Any],
    engine: Engine | None = None,
) -> Publication:
    """Copy the published models into a new file and swap the link to it."""
    now = datetime.now(tz=UTC).replace(tzinfo=None)
    publication_id = now.strftime("%Y%m%dT%H%M%S%fZ")
    path = settings.warehouse / f"{PREFIX}{publication_id}.duckdb"
    scratch = path.with_name(path.name + WRITING)
    _remove_unfinished(settings.warehouse)
    models = published_models(manifest_path)
    about = {**about, "publication_id": publication_id, "published_at": now}
    with duckdb.connect(str(scratch), config=WORKING) as connection:
        connection.execute("set TimeZone = 'UTC'")
        source = engine or open_engine(settings, DUCKDB)
        source.copy_models(connection, models)
        hide_paths(connection)
        keep_closed(connection, settings)
        _write_about(connection, about, held_version(settings))
        connection.execute("checkpoint")
    with scratch.open("rb+") as file:
        os.fsync(file.fileno())
    scratch.replace(path)
    swap(settings.publication_path, path)
    prune(settings)
    return Publication(publication_id, path, now, len(models), path.stat().st_size)


def swap(link: Path, target: Path) -> None:
    """Point the link at a publication, atomically."""
    scratch = link.with_name(link.name + WRITING)
    scratch.unlink(missing_ok=True)
    scratch.symlink_to(target.name)
    scratch.replace(link)


def prune(settings: Settings) -> None:
    """Remove publications beyond the kept ones; never the current one."""
    current = settings.publication_path.resolve()
    for path in publications(settings)[settings.kept_publications + 1 :]:
        if path != current:
            path.unlink(missing_ok=True)


def publications(settings: Settings) -> list[Path]:
    """Return the publications that a home keeps, newest first."""
    return sorted(settings.warehouse.glob(f"{PREFIX}*.duckdb"), reverse=True)


def roll_back(settings: Settings, publication_id: str | None) -> tuple[Path, Path]:
    """Let readers see another kept publication, by default the one before; return from and to."""
    current = require_publication(settings)
    kept = publications(settings)
    if publication_id is None:
        wanted = [path for path in kept if path.name < current.name][:1]
    else:
        wanted = [path for path in kept if path.stem == PREFIX + publication_id]
    if not wanted:
        ids = ", ".join(path.stem.removeprefix(PREFIX) for path in kept)
        missing = f"no publication {publication_id}" if publication_id else "no earlier publication"
        raise SettingsError(f"{settings.warehouse} keeps {missing}: choose from {ids}.")
    swap(settings.publication_path, wanted[0])
    return current, wanted[0]


def current_publication(settings: Settings) -> Path | None:
    """Return the file that readers see, if anything is published."""
    path = settings.publication_path
    return path.resolve() if path.exists() else None


def require_publication(settings: Settings) -> Path:
    """Return the file that readers see; raise SettingsError where nothing is published."""
    path = current_publication(settings)
    if path is None:
        raise SettingsError(
            f"Nothing is published in {settings.home} yet: run `bursar run` or `bursar demo`."
        )
    return path


def _write_about(
    connection: duckdb.DuckDBPyConnection, about: dict[str, Any], price_version: int | None
) -> None:
    connection.execute(
        """
        create table publication as
        select
            $publication_id::varchar as publication_id,
            $published_at::timestamp as published_at,
            -- As far as the source that lags most reaches; registers cover no period.
            (select min(complete_to) from source_freshness) as data_complete_to,
            $code_version::varchar as code_version,
            $price_book_version::varchar as price_book_version
        """,
        {**about, "price_book_version": price_books(connection, price_version)},
    )


def price_books(connection: duckdb.DuckDBPyConnection, price_version: int | None) -> str | None:
    """Return each book of prices with its edition, the organisation's with its price version.

    `price_version` is what the home is held at; None = the newest counts.
    """
    [(text,)] = connection.execute(
        """
        with editions as (
            select distinct price_book, source_version from dim_prices
            where source_version is not null
        ),
        books as (
            select 1 as place, 'genai-prices ' || source_version as book from editions
            where price_book = 'genai_prices'
            union all
            select 2, 'LiteLLM ' || source_version from editions
            where price_book = 'litellm_prices'
            union all
            select 3, 'own prices of version ' || max(price_version) || (
                select ' (' || count(*) || if(count(*) = 1, ' override)', ' overrides)')
                from dim_prices where price_source = 'override'
            )
            from dim_price_versions
            where source_name = 'org' and ($held is null or price_version <= $held)
            having count(*) > 0
        )
        select string_agg(book, ', ' order by place, book) from books
        """,
        {"held": price_version},
    ).fetchall()
    return text


def _remove_unfinished(warehouse: Path) -> None:
    for leftover in warehouse.glob(f"{PREFIX}*{WRITING}*"):
        leftover.unlink(missing_ok=True)
