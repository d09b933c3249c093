"""Data and imports go one way; the exceptions are listed with their reasons, and none is stale."""

from __future__ import annotations

from typing import Any

import pytest

from tests.project.repository import (
    files_below,
    imported_modules,
    is_within,
    module_name,
    syntax_tree,
)

# Of intermediate, these lie between the facts and what is made of them: allocation, ledger,
# reconciliation, budgets and shadow.
MAY_READ = {
    "staging": {"source"},
    "intermediate": {"staging", "seed", "intermediate"},
    "allocation": {"staging", "intermediate", "core", "allocation"},
    "ledger": {"staging", "intermediate", "core", "allocation", "ledger"},
    "reconciliation": {"staging", "intermediate", "core", "allocation", "reconciliation"},
    "shadow": {"staging", "seed", "core", "allocation", "shadow"},
    "core": {"staging", "intermediate", "allocation", "ledger", "shadow", "core"},
    "budgets": {"core", "allocation", "marts", "budgets"},
    "marts": {"core", "allocation", "reconciliation", "budgets", "shadow", "marts"},
    "exports": {"core", "marts", "exports"},
}
ACCOUNTS = "the accounts of the lake's own records are no business facts, so core has none of them"
CLOSES = "a close is no business fact either: who closed which month on what"
ARRIVED = "when a record came is told by the loads, not by the facts"
READS_BESIDE_THE_RULE = {
    ("billing_period_status", "stg_ledger__closes"): CLOSES,
    ("charges_left_out", "stg_lake__load_units"): ACCOUNTS,
    ("charges_left_out", "int_charges_left_out_unioned"): "charges outside of the ledger",
    ("int_bill_reach", "int_billed_charges"): "how far bills reach is told by what is loaded now, "
    "not by the lines of closed months",
    ("int_call_arrivals_day", "int_touched_dates"): ARRIVED,
    ("int_reported_loads", "int_charges_unioned"): ARRIVED,
    ("int_reported_loads", "int_provider_usage_unioned"): ARRIVED,
    ("load_unit_accounts", "stg_lake__load_units"): ACCOUNTS,
    ("load_unit_accounts", "stg_lake__arrived_load_units"): ACCOUNTS,
    ("load_unit_accounts", "int_records_refused"): ACCOUNTS,
    ("load_unit_accounts", "int_records_without_call"): ACCOUNTS,
    ("load_unit_accounts", "int_requests_arrived"): ACCOUNTS,
    ("load_unit_accounts", "int_request_repeats"): ACCOUNTS,
    ("load_unit_accounts", "int_touched_dates"): ACCOUNTS,
    ("quarantined_records", "stg_lake__load_units"): ACCOUNTS,
    ("quarantined_records", "stg_lake__quarantine"): ACCOUNTS,
    ("quarantined_records", "int_records_refused"): ACCOUNTS,
}
STAGING_OF_SEVERAL_RELATIONS = {
    "stg_openai__api_keys": "every list ever loaded, and whether the newest one has the key",
}
SHARED_BY_SOURCES = ("pipelines.config", "pipelines.lake", "pipelines.load")


def layer(node: dict[str, Any]) -> str:
    """Return the layer of a model, `source` or `seed`."""
    if node["resource_type"] != "model":
        return node["resource_type"]
    parts = node["path"].split("/")
    return parts[1] if parts[0] == "intermediate" and parts[1] in MAY_READ else parts[0]


def reads(manifest: dict[str, Any], models: list[dict[str, Any]]) -> list[tuple[dict, dict]]:
    """Return every (model, what it reads)."""
    nodes = manifest["nodes"] | manifest["sources"]
    return [(model, nodes[parent]) for model in models for parent in model["depends_on"]["nodes"]]


def test_every_model_lies_in_a_layer(models: list[dict[str, Any]]) -> None:
    assert {layer(model) for model in models} <= set(MAY_READ)


def test_models_read_along_the_arrows(
    manifest: dict[str, Any], models: list[dict[str, Any]]
) -> None:
    against = {
        (model["name"], parent["name"])
        for model, parent in reads(manifest, models)
        if layer(parent) not in MAY_READ[layer(model)]
    }
    assert sorted(against - READS_BESIDE_THE_RULE.keys()) == []
    assert sorted(READS_BESIDE_THE_RULE.keys() - against) == [], "take out what no longer holds"


def test_staging_does_not_join(models: list[dict[str, Any]]) -> None:
    staging = [model for model in models if layer(model) == "staging"]
    several = {model["name"] for model in staging if len(model["depends_on"]["nodes"]) != 1}
    assert several == set(STAGING_OF_SEVERAL_RELATIONS)
    joining = [model["name"] for model in staging if " join " in model["raw_code"].lower()]
    assert joining == []


def test_staging_reads_its_own_source(
    manifest: dict[str, Any], models: list[dict[str, Any]]
) -> None:
    strangers = [
        (model["name"], parent["source_name"])
        for model, parent in reads(manifest, models)
        if layer(parent) == "source" and model["path"].split("/")[1] != parent["source_name"]
    ]
    assert strangers == []


def test_apps_read_what_is_published(manifest: dict[str, Any]) -> None:
    unpublished = [
        (exposure["name"], parent)
        for exposure in manifest["exposures"].values()
        for parent in exposure["depends_on"]["nodes"]
        if layer(manifest["nodes"][parent]) not in ("marts", "exports")
        and not manifest["nodes"][parent]["name"].startswith("dim_")
    ]
    assert unpublished == []


@pytest.mark.parametrize("name", files_below("pipelines/", "notebooks/", endings=(".py",)))
def test_imports_go_one_way(name: str) -> None:
    own, imported = module_name(name), set(imported_modules(syntax_tree(name)))
    forbidden = ["tests", "benchmarks"]
    if is_within(own, "notebooks"):
        forbidden += ["pipelines", "dlt", "dbt"]
    else:
        forbidden += ["marimo", "altair"]
        forbidden += ["notebooks"]
        if own == "pipelines.cli":
            imported = {module for module in imported if not is_within(module, "notebooks.site")}
    if not is_within(own, "pipelines.demo") and own not in ("pipelines.cli", "pipelines.run"):
        forbidden.append("pipelines.demo")
    if is_within(own, "notebooks.lib"):
        forbidden += ["notebooks.apps", "notebooks.site"]
    found = [module for module in imported for package in forbidden if is_within(module, package)]
    assert found == []


@pytest.mark.parametrize("name", files_below("pipelines/sources/", endings=(".py",)))
def test_a_source_knows_no_other_source(name: str) -> None:
    parts = name.split("/")
    own = f"pipelines.sources.{parts[2]}" if len(parts) > 3 else "pipelines.sources"
    packages = {
        path.split("/")[2] for path in files_below("pipelines/sources/", endings=("/__init__.py",))
    }
    others = [f"pipelines.sources.{package}" for package in packages if package != parts[2]]
    imported = [module for module in imported_modules(syntax_tree(name)) if module != own]
    found = [module for module in imported for other in others if is_within(module, other)]
    found += [
        module
        for module in imported
        if is_within(module, "pipelines")
        and not is_within(module, "pipelines.sources")
        and module != "pipelines"
        and not any(is_within(module, shared) for shared in SHARED_BY_SOURCES)
    ]
    assert found == []
