"""Every model says its grain, describes its columns, proves its grain, and Spark could run it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from pipelines.dbt_call import BASE_SOURCES
from tests.dbt_runs import run_dbt
from tests.project.repository import ROOT, files_below, read, sql_parts

CONTRACTED = ("core", "marts", "exports")
PER_MODEL = {
    "staging": re.compile(r"^stg_(?P<folder>[a-z_]+)__[a-z_]+$"),
    "intermediate": re.compile(r"^int_[a-z_]+$"),
    "core": re.compile(r"^((fct|dim|bridge)_[a-z_]+|request_sightings)$"),
    "marts": re.compile(r"^(?!(stg|int|fct|dim)_)[a-z_]+$"),
    # Receivers' formats bear their versions.
    "exports": re.compile(r"^focus_[0-9]_[0-9](_[a-z_]+)?$"),
}
# What DuckDB 2.0 runs and Spark 4.0 does not, or runs to another answer.
NOT_PORTABLE = {
    "qualify": r"\bqualify\b",
    "`::`": r"::",
    "distinct on": r"\bdistinct\s+on\b",
    "asof join": r"\basof\b",
    "union by name": r"\bby\s+name\b",
    "`* exclude`": r"\*\s*(exclude|except|replace)\b",
    "columns()": r"\bcolumns\s*\(",
    "decimal without width": r"\b(decimal|numeric)\b(?!\s*\()",
    "money as float": r"\b(float|real)\b",
    "hugeint": r"\bhugeint\b",
    "whole division": r"//",
    "json arrow": r"->",
    "unnest": r"\bunnest\s*\(",
    "generate_series": r"\bgenerate_series\s*\(",
    "datediff": r"\bdate_?diff\s*\(",
    "format of a moment": r"\b(strftime|strptime|epoch)\s*\(",
    "day of week": r"\b(isodow|dayofweek|dow)\b",
    "zone": r"\bat\s+time\s+zone\b",
    "string_agg": r"\b(string_agg|listagg|array_agg)\s*\(",
    "concat() skips null": r"\bconcat\s*\(",
    "json function": r"\bjson_(?!member\b|list_count\b)\w+\s*\(",
    "regexp_matches": r"\bregexp_(matches|replace|split_to_array)\s*\(",
    "split()": r"\bsplit\s*\(",
    "hash()": r"\bhash\s*\(",
    "sha256": r"\bsha256\s*\(",
    "arg_max": r"\barg_(max|min)\s*\(",
    "starts_with": r"\bstarts_with\s*\(",
    "struct or list function": r"\b(struct_\w+|list_\w+|row_to_json)\s*\(",
    "recursive": r"\brecursive\b",
    "average of a decimal": r"\bavg\s*\((?!\s*cast)",
    "ignore nulls": r"\bignore\s+nulls\b",
    "exclude in a frame": r"\bexclude\b",
    "quoted name": r'"',
}
# What has a row per call, and a common table expression that holds whole rows.
CALLS = ("fct_requests", "request_sightings")
WHOLE = re.compile(r"\bselect \*")
COMMON_TABLE = re.compile(r"^(with )?(?P<name>\w+) as \(\n(?P<body>.*?)^\)", re.S | re.M)
LIST_LITERAL = re.compile(r"[\[\]]")
# Tables of events are too large to count again on every build: a test of its days stands for it.
PROVED_BY_DAY = {
    "fct_requests": "assert_each_request_stands_once",
    "request_sightings": "assert_each_request_stands_once",
    "fct_usage_hour": "assert_usage_hours_sum_to_requests",
}
# What the union makes of a column of the staging models that it unites.
RESOLVED = {"service_provider_name": "provider_ref"}
BRIDGES = ("macros/dialect/", "macros/lake/")


def generic_tests(manifest: dict[str, Any], model: dict[str, Any], generic: str) -> list[dict]:
    """Return the generic tests of one kind on a model, with their arguments."""
    return [
        node["test_metadata"]["kwargs"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and (node.get("test_metadata") or {}).get("name") == generic
        and node.get("attached_node") == model["unique_id"]
    ]


def test_a_model_has_its_yml_beside_it(models: list[dict[str, Any]]) -> None:
    astray = [
        model["name"]
        for model in models
        if model["patch_path"]
        != f"bursar://{Path(model['original_file_path']).with_suffix('.yml').as_posix()}"
    ]
    assert astray == []


def test_names_follow_the_layer(models: list[dict[str, Any]]) -> None:
    wrong = []
    for model in models:
        layer, *folders = model["path"].split("/")[:-1]
        match = PER_MODEL[layer].match(model["name"])
        if not match or match.groupdict().get("folder", folders[:1] and folders[0]) != (
            folders[:1] and folders[0]
        ):
            wrong.append(model["path"])
    assert wrong == []


def test_a_description_begins_with_the_grain(models: list[dict[str, Any]]) -> None:
    wrong = [
        model["name"] for model in models if not model["description"].startswith("One row per ")
    ]
    assert wrong == []


def shape_of(model: dict[str, Any]) -> str | None:
    """Return the model that describes the columns, where this is one of many of a shape."""
    return model["config"].get("meta", {}).get("shape")


def test_every_column_is_described(models: list[dict[str, Any]]) -> None:
    silent = [
        f"{model['name']}.{column['name']}"
        for model in models
        for column in model["columns"].values()
        if not column["description"].strip()
    ]
    silent += [model["name"] for model in models if bool(model["columns"]) == bool(shape_of(model))]
    assert silent == []


def test_the_yml_has_the_columns_that_the_model_has(
    models: list[dict[str, Any]], built_columns: dict[str, set[str]]
) -> None:
    by_name = {model["name"]: model for model in models}
    different = {}
    for model in models:
        described = model["columns"].keys()
        if shape := shape_of(model):
            described = by_name[shape]["columns"].keys()
            if shape == "int_requests_unioned":
                described = (described - RESOLVED.keys()) | set(RESOLVED.values())
        if described != built_columns[model["name"]]:
            different[model["name"]] = sorted(described ^ built_columns[model["name"]])
    assert different == {}


def test_core_and_marts_hold_to_contracts(models: list[dict[str, Any]]) -> None:
    promised = [model for model in models if model["path"].startswith(CONTRACTED)]
    assert promised
    assert [model["name"] for model in promised if not model["contract"]["enforced"]] == []
    untyped = [
        f"{model['name']}.{column['name']}"
        for model in promised
        for column in model["columns"].values()
        if not column["data_type"]
    ]
    assert untyped == []


def test_money_is_decimal_with_its_currency_beside_it(models: list[dict[str, Any]]) -> None:
    wrong = []
    for model in models:
        money = {name for name in model["columns"] if name.endswith("_cost")}
        types = {model["columns"][name]["data_type"] for name in money} - {None}
        if types - {"decimal(38,12)"}:
            wrong.append((model["name"], sorted(types)))
        currency = [name for name in model["columns"] if name.endswith("currency")]
        if money and model["path"].startswith(CONTRACTED) and not currency:
            wrong.append((model["name"], "no currency"))
    assert wrong == []


def test_core_and_marts_prove_their_grain(
    manifest: dict[str, Any], models: list[dict[str, Any]]
) -> None:
    unproved = set()
    for model in models:
        if model["path"].startswith(CONTRACTED):
            proofs = generic_tests(manifest, model, "one_row_per")
            columns = {column for proof in proofs for column in proof["columns"]}
            if not proofs or columns - model["columns"].keys():
                unproved.add(model["name"])
    assert unproved == set(PROVED_BY_DAY)
    assert {f"test.bursar.{name}" for name in PROVED_BY_DAY.values()} <= manifest["nodes"].keys()


@pytest.mark.parametrize("name", files_below("models/", "macros/", "tests/dbt/", endings=(".sql",)))
def test_sql_keeps_to_what_spark_runs_too(name: str) -> None:
    if name.startswith(BRIDGES):
        return
    sql, expressions = sql_parts((ROOT / name).read_text(encoding="utf-8"))
    found = [
        what
        for what, pattern in NOT_PORTABLE.items()
        if re.search(pattern, sql, re.IGNORECASE)
        or (what != "quoted name" and re.search(pattern, expressions, re.IGNORECASE))
    ]
    if LIST_LITERAL.search(sql):
        found.append("list literal")
    assert found == []


@pytest.mark.parametrize("name", files_below("models/", "macros/", "tests/dbt/", endings=(".sql",)))
def test_texts_have_no_quote_and_no_backslash(name: str) -> None:
    """Spark loses the first, in two texts side by side, and takes the second as an escape."""
    if not name.startswith(BRIDGES):
        sql = re.sub(r"\{#.*?#\}|--[^\n]*|'[^'\n]*\\n[^'\n]*'", " ", read(name), flags=re.DOTALL)
        assert re.findall(r"\w''\w|\\", sql) == []


def test_bridges_speak_both_dialects() -> None:
    one_sided = []
    for name in files_below("macros/dialect/", endings=(".sql",)):
        text = (ROOT / name).read_text(encoding="utf-8")
        for macro in re.findall(r"adapter\.dispatch\('(\w+)'\)", text):
            here = re.search(rf"macro (duckdb|default)__{macro}\(", text)
            there = re.search(rf"macro (spark|default)__{macro}\(", text)
            if not (here and there):
                one_sided.append(f"{name}: {macro}")
    assert one_sided == []


def test_a_model_ends_as_all_do(models: list[dict[str, Any]]) -> None:
    other = [
        model["name"]
        for model in models
        if not model["name"].endswith("_unioned")
        and not model["raw_code"].rstrip().endswith("select * from final")
    ]
    assert other == []


def test_only_unions_read_what_may_be_left_out_of_a_build(models: list[dict[str, Any]]) -> None:
    """A source that was never loaded has no models: who reads them must do without."""
    sources = {path.name for path in (ROOT / "models/staging").iterdir()} - BASE_SOURCES
    owner = {
        model["unique_id"]: name
        for model in models
        for name in sources
        if re.match(rf"(stg|int)_{name}__", model["name"])
    }
    assert set(owner.values()) == sources
    for model in models:
        read_from = {owner.get(parent) for parent in model["depends_on"]["nodes"]} - {None}
        others = read_from - {owner.get(model["unique_id"])}
        is_union = re.search(r"\b(models|union)_of_loaded_sources\(", model["raw_code"])
        assert not others or is_union, model["name"]


def test_no_common_table_expression_of_whole_calls_is_read_twice() -> None:
    """DuckDB would keep it beside, as large as the history: docs/decisions/memory.md."""
    kept = []
    for name in files_below("models/", endings=(".sql",)):
        sql = read(name)
        of_all_calls = {f"ref('{table}')" for table in CALLS}
        for found in COMMON_TABLE.finditer(sql):
            body = found["body"]
            if WHOLE.search(body) and any(source in body for source in of_all_calls):
                of_all_calls.add(f"from {found['name']}\n")
                if len(re.findall(rf"\b(from|join) {found['name']}\b", sql)) > 1:
                    kept.append(f"{name}: {found['name']}")
    assert kept == []


def test_every_unit_test_of_a_model_holds(empty_build: Path) -> None:
    """What a model makes of made-up rows; `bursar build` audits data, not code."""
    results = run_dbt(empty_build, "test", "--select", "test_type:unit")
    statuses = [row["status"] for row in results if row["unique_id"].startswith("unit_test.")]
    assert len(statuses) > 20
    assert set(statuses) == {"pass"}
