"""The models' own SQL over what the real sources loaded: many small homes, compiled once.

A build of a home costs dbt a minute and more whatever is in it. Where twenty small homes are asked
the same question, dbt compiles the models once, and DuckDB runs each home's in the order that they
rest on each other. What is not run are dbt's tests and the publication.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

from pipelines.config import PROJECT_ROOT, load_settings
from pipelines.dbt_call import leave_out
from pipelines.lake import Lake, connect
from tests.dbt_runs import read_manifest, run_dbt

Node = dict[str, Any]


@dataclass(frozen=True)
class Model:
    """One model: its relation, whether it is a view, and its SQL."""

    relation: str
    is_view: bool
    sql: str


@dataclass(frozen=True)
class Project:
    """The models of some marts in order, and the declared tables and seeds that they read."""

    models: list[Model]
    sources: list[Node]
    seeds: list[Node]


def compile_project(home: Path, marts: list[str], sources: list[str]) -> Project:
    """Compile the marts with all they rest on, as a home compiles them that loaded the sources."""
    settings = load_settings(home)
    settings.warehouse.mkdir(parents=True, exist_ok=True)
    named = ({"source_name": name, "table_name": "", "path": ""} for name in sources)
    (settings.warehouse / "lake_files.jsonl").write_text(
        "".join(json.dumps(one) + "\n" for one in named)
    )
    wanted = [f"+{name}" for name in marts]
    others = [f"resource_type:{kind}" for kind in ("seed", "test", "unit_test")]
    left_out = ["--exclude", *others, *leave_out(settings)[1:]]
    rows = run_dbt(home, "compile", "--select", *wanted, *left_out)
    compiled = {row["unique_id"]: row["compiled_code"] for row in rows}
    manifest = read_manifest(home)
    nodes = manifest["nodes"]
    order = TopologicalSorter(
        {key: [one for one in nodes[key]["depends_on"]["nodes"] if one in compiled]
         for key in compiled}
    ).static_order()  # fmt: skip
    return Project(
        models=[
            Model(relation_of(nodes[key]), nodes[key]["config"]["materialized"] == "view",
                  compiled[key])
            for key in order
        ],
        sources=list(manifest["sources"].values()),
        seeds=[one for one in nodes.values() if one["resource_type"] == "seed"],
    )  # fmt: skip


def replay(project: Project, home: Path) -> duckdb.DuckDBPyConnection:
    """Return a warehouse in memory that holds the models over what a home loaded, once."""
    connection = connect()
    connection.execute("attach ':memory:' as build")
    connection.execute("use build")
    make_seeds(connection, project)
    for sql in _inputs(project, Lake(load_settings(home).lake_url)):
        connection.execute(sql)
    for model in project.models:
        kind = "view" if model.is_view else "table"
        connection.execute(f"create {kind} {model.relation} as {model.sql}")
    return connection


def make_seeds(connection: duckdb.DuckDBPyConnection, project: Project) -> None:
    """Make the schemas of a project, and every seed a table."""
    for schema in _schemas(project):
        connection.execute(f"create schema if not exists {schema}")
    for node in project.seeds:
        types = node["config"]["column_types"]
        path = PROJECT_ROOT / node["original_file_path"]
        connection.execute(f"""create table {relation_of(node)} as select {_casts(types)}
            from read_csv('{path}', header = true, all_varchar = true)""")


def relation_of(node: Node) -> str:
    """Return how SQL names a node of the manifest."""
    return f'build."{node["schema"]}"."{node.get("alias") or node["identifier"]}"'


def _schemas(project: Project) -> set[str]:
    nodes = {node["schema"] for node in [*project.sources, *project.seeds]}
    return {f'"{name}"' for name in nodes} | {one.relation.split(".")[1] for one in project.models}


def _inputs(project: Project, lake: Lake) -> Iterator[str]:
    """Yield SQL that makes every declared source table a view."""
    files: dict[tuple[str, str], list[str]] = {}
    for source in lake.sources():
        for file in lake.files(source):
            files.setdefault((source, file.table_name), []).append(file.path)
            files.setdefault(("lake", file.table_name), []).append(file.path)
    for node in project.sources:
        meta = node["config"].get("meta") or node["meta"]
        table = meta.get("table", node["name"])
        yield _view(node, files.get((node["source_name"], table), []))


def _view(node: Node, paths: list[str]) -> str:
    """Return what macros/dialect/duckdb/lake.sql makes of a home that loaded once."""
    own = {"_dlt_load_id", "source_name"}
    types = {
        name: column["data_type"] for name, column in node["columns"].items() if name not in own
    }
    shape = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in types.items())
    read = f"""union all by name select * from read_parquet({paths}, union_by_name = true,
        filename = true, hive_partitioning = false)"""
    source = r"regexp_extract(filename, '^.*/raw_([^/]+)/', 1) as source_name,"
    return f"""create view {relation_of(node)} as select {_casts(types)},
        {source if node["source_name"] == "lake" else ""}
        regexp_extract(filename, '/([0-9]+[.][0-9]+)[.][^/.]+[.]parquet$', 1) as _dlt_load_id
        from (select {shape}, cast(null as varchar) as filename where false
            {read if paths else ""})"""


def _casts(types: dict[str, str]) -> str:
    return ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in types.items())
