"""A source is whole: folder, README, typed tables, staging, conforming model, tests, settings."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from types import ModuleType
from typing import Any

import pyarrow as pa
import pytest

from pipelines.config import SourceSettings
from pipelines.lake import BOOKKEEPING, COMMON
from pipelines.load import source_modules
from tests.project.repository import ROOT, files_below, read, syntax_tree
from tests.project.test_models import shape_of

MODULES = source_modules()
UNIONS = {
    "requests": "int_requests_unioned",
    "usage": "int_provider_usage_unioned",
    "charges": "int_charges_unioned",
    "seats": "int_seats_unioned",
    "tool_usage": "int_tool_usage_unioned",
    "samples": "int_engine_samples_unioned",
    "egress": "int_egress_unioned",
    "app_grants": "int_app_grants_unioned",
    "app_sign_ins": "int_app_sign_ins_unioned",
    "card_charges": "int_card_charges_unioned",
}
REGISTERS = {
    "genai_prices": "list prices: they feed models/intermediate/prices",
    "ledger": "closed months: they feed models/intermediate/ledger and the facts",
    "litellm_prices": "the second book of list prices: it feeds models/intermediate/prices",
    "org": "the organisation's own files: they feed owners, teams and negotiated prices",
}
TYPES = {
    pa.string(): "varchar",
    pa.int64(): "bigint",
    pa.bool_(): "boolean",
    pa.date32(): "date",
    pa.float64(): "double",
    pa.timestamp("us"): "timestamp",
}
EXAMPLES = {
    ".dlt/config.toml": r"settings\.(?:get|require|get_list|get_int|get_bool)\(\s*\"(\w+)\"",
    ".dlt/secrets.toml.example": r"settings\.get_secret\(\s*\"(\w+)\"",
}
GIVEN_BY_BURSAR_ITSELF = {
    ("ledger", "folder"), ("org", "folder"), ("org", "pricing_folder"), ("org", "policy_folder"),
}  # fmt: skip


def sql_type(kind: pa.DataType) -> str:
    """Return how a source's yml writes an Arrow type."""
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    return TYPES[kind]


def declared(manifest: dict[str, Any], source: str) -> dict[str, list[dict[str, str]]]:
    """Return the declared columns and types of every relation of a source, by its lake table."""
    tables: dict[str, list[dict[str, str]]] = {}
    for node in manifest["sources"].values():
        if node["source_name"] == source:
            table = node["config"].get("meta", {}).get("table", node["identifier"])
            columns = {name: column["data_type"] for name, column in node["columns"].items()}
            columns.pop("_dlt_load_id", None)
            tables.setdefault(table, []).append(columns)
    return tables


def test_the_page_of_sources_says_what_their_readmes_say() -> None:
    wanted = subprocess.run(
        [ROOT / "tools/list_sources"], capture_output=True, text=True, check=True
    ).stdout
    assert read("docs/sources.md") == wanted, "tools/list_sources > docs/sources.md"


@pytest.mark.parametrize("source", MODULES)
def test_a_source_has_all_its_parts(source: str) -> None:
    module = MODULES[source]
    assert source == module.NAME
    assert (ROOT / f"pipelines/sources/{source}/README.md").is_file()
    assert (ROOT / f"models/staging/{source}/_{source}__sources.yml").is_file()
    assert files_below(f"models/staging/{source}/stg_{source}__", endings=(".sql",))
    assert files_below(f"tests/pipelines/test_{source}", endings=(".py",))


@pytest.mark.parametrize("source", MODULES)
def test_a_source_is_conformed_and_stands_in_the_union(
    source: str, models: list[dict[str, Any]]
) -> None:
    by_name = {model["name"]: model for model in models}
    conforming = {
        (kind, name)
        for kind in UNIONS
        for name in (f"int_{source}__{kind}", f"stg_{source}__{kind}")
        if name in by_name and (name.startswith("int_") or shape_of(by_name[name]))
    }
    assert bool(conforming) != (source in REGISTERS)
    for kind, name in conforming:
        parents = by_name[UNIONS[kind]]["depends_on"]["nodes"]
        assert f"model.bursar.{name}" in parents


@pytest.mark.parametrize(("source", "module"), MODULES.items())
def test_the_yml_declares_what_the_source_writes(
    source: str, module: ModuleType, manifest: dict[str, Any]
) -> None:
    tables = declared(manifest, source)
    assert set(tables) == set(module.TABLES)
    for table, schema in module.TABLES.items():
        written = {name: sql_type(kind) for name, kind in [*COMMON, *_fields(schema)]}
        assert tables[table] == [written] * len(tables[table])


def test_the_yml_declares_the_bookkeeping(manifest: dict[str, Any]) -> None:
    for table, relations in declared(manifest, "lake").items():
        written = {"source_name": "varchar"} | {
            name: sql_type(kind) for name, kind in _fields(BOOKKEEPING[table])
        }
        assert relations == [written] * len(relations)


def _fields(schema: pa.Schema) -> list[tuple[str, pa.DataType]]:
    return [(field.name, field.type) for field in schema]


def settings_read(pattern: str) -> set[tuple[str, str]]:
    """Return (source, setting) of every setting that a source's code reads, itself or shared."""
    found = set()
    for name in files_below("pipelines/sources/", endings=(".py",)):
        parts = name.split("/")
        if len(parts) > 3:
            found |= {(parts[2], setting) for setting in re.findall(pattern, read(name))}
            found |= {(parts[2], setting) for setting in shared_settings(pattern, used_names(name))}
    return found - GIVEN_BY_BURSAR_ITSELF


def used_names(name: str) -> set[str]:
    """Return what a source's file imports out of the shared modules beside the sources."""
    return {
        alias.name
        for node in ast.walk(syntax_tree(name))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("pipelines.sources.")
        and (node.module or "").count(".") == 2
        for alias in node.names
    }


def shared_settings(pattern: str, names: set[str]) -> set[str]:
    """Return the settings that some shared functions and classes read, by what they use too."""
    parts = {
        part.name: part
        for name in files_below("pipelines/sources/", endings=(".py",))
        if name.count("/") == 2
        for part in syntax_tree(name).body
        if isinstance(part, ast.FunctionDef | ast.ClassDef)
    }
    reached, waiting = set(), names & parts.keys()
    while waiting:
        reached |= waiting
        used = {
            node.id
            for name in waiting
            for node in ast.walk(parts[name])
            if isinstance(node, ast.Name)
        }
        waiting = (used & parts.keys()) - reached
    texts = [ast.unparse(parts[name]).replace("'", '"') for name in reached]
    return {setting for text in texts for setting in re.findall(pattern, text)}


def test_a_shared_setting_belongs_to_each_source_that_uses_what_reads_it() -> None:
    plain, secret = EXAMPLES.values()
    assert shared_settings(plain, {"read_base_url"}) == {"base_url"}
    assert shared_settings(plain, {"find_files", "SourceFile"}) == {"files"}
    assert shared_settings(plain, {"SourceFile"}) == set()
    assert shared_settings(secret, {"read_admin_key"}) == {"admin_key"}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_has_every_setting_that_is_read_and_no_other(name: str) -> None:
    text = re.sub(r"^# ?(\w+ = )", r"\1", read(name), flags=re.MULTILINE)
    sections = tomllib.loads(text)["sources"]
    shown = {(source, setting) for source, values in sections.items() for setting in values}
    assert shown == settings_read(EXAMPLES[name])


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_sets_nothing(name: str) -> None:
    def leaves(values: dict[str, Any]) -> list[str]:
        return [
            leaf
            for key, value in values.items()
            for leaf in (leaves(value) if isinstance(value, dict) else [key])
        ]

    assert leaves(tomllib.loads(read(name))) == []


@pytest.mark.parametrize("source", [name for name in MODULES if name != "org"])
def test_the_readme_names_every_setting(source: str) -> None:
    readme = read(f"pipelines/sources/{source}/README.md")
    for pattern in EXAMPLES.values():
        for name, setting in settings_read(pattern):
            if name == source:
                written = (
                    setting,
                    setting.upper(),
                    SourceSettings(source).environment_name(setting),
                )
                assert any(f"{text}`" in readme for text in written), setting
