"""Python moves bytes: it computes no cost, reads settings in one place, and stays short."""

from __future__ import annotations

import ast
import re

import pytest

from tests.project.repository import files_below, read, repository_files, syntax_tree

PYTHON = files_below("pipelines/", "notebooks/", endings=(".py",))
# The demo's truths come from its own arithmetic: that is what makes them a test of the models.
COMPUTES_TRUTHS = "pipelines/demo/"
TEXT = (".py", ".sql", ".yml", ".md", ".toml", ".html", ".css", ".example")
LONGEST = {"tests/": 450, "": 320}
QUANTITY = re.compile(r"token|quantity|usage", re.IGNORECASE)
PRICE = re.compile(r"price|rate(?!d)|per_million|per_token", re.IGNORECASE)
TOKENS_TIMES_PRICE = re.compile(
    r"\w*(tokens|quantity)\w*\b[^,;*]{0,40}\*[^,;*]{0,40}\b\w*(price|per_million|per_token)\w*"
    r"|\w*(price|per_million|per_token)\w*\b[^,;*]{0,40}\*[^,;*]{0,40}\b\w*(tokens|quantity)\w*",
    re.IGNORECASE,
)
# Recipes of deployment name the place that they make themselves.
MACHINE_PATHS = re.compile(
    r"(?<![\w.}>])/(?!opt/bursar|home/bursar)(home|root|Users|work|mnt|opt|srv)/[\w.-]+"
)


def computes_cost(tree: ast.AST) -> list[int]:
    """Return the lines that multiply a quantity with a price, in Python or in a text of SQL."""
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            left, right = ast.unparse(node.left), ast.unparse(node.right)
            if (QUANTITY.search(left) and PRICE.search(right)) or (
                PRICE.search(left) and QUANTITY.search(right)
            ):
                lines.append(node.lineno)
        elif isinstance(node, ast.Constant) and TOKENS_TIMES_PRICE.search(str(node.value)):
            lines.append(node.lineno)
    return lines


def settings_reads(tree: ast.AST) -> list[int]:
    """Return the lines that read environment or dlt's settings; passing all of it on is no read."""
    passed_on = {
        id(value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if key is None
    }
    names = {"os.environ", "os.environb", "os.getenv", "dlt.config", "dlt.secrets"}
    lines = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and ast.unparse(node) in names
        and id(node) not in passed_on
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in ("os", "dlt"):
            taken = {alias.name for alias in node.names}
            if taken & {"environ", "environb", "getenv", "config", "secrets"}:
                lines.append(node.lineno)
    return lines


@pytest.mark.parametrize("name", [name for name in PYTHON if not name.startswith(COMPUTES_TRUTHS)])
def test_costs_are_computed_in_dbt_only(name: str) -> None:
    assert computes_cost(syntax_tree(name)) == []


@pytest.mark.parametrize(
    "code",
    [
        "cost = row.output_tokens * price",
        "cost = unit_price * Decimal(consumed_quantity)",
        "sql = 'select cast(input_tokens as double) * rates.input_price from usage'",
        "sql = f'select {x}, price_per_token * tokens'",
    ],
)
def test_a_computed_cost_would_be_seen(code: str) -> None:
    assert computes_cost(ast.parse(code)) == [1]


@pytest.mark.parametrize("name", [name for name in PYTHON if name != "pipelines/config.py"])
def test_only_config_reads_settings_and_environment(name: str) -> None:
    assert settings_reads(syntax_tree(name)) == []


@pytest.mark.parametrize(
    "code",
    [
        "import os; x = os.environ.get('HOME')",
        "import os; x = os.getenv('HOME')",
        "from os import environ",
        "import dlt; x = dlt.secrets['key']",
    ],
)
def test_a_read_setting_would_be_seen(code: str) -> None:
    assert settings_reads(ast.parse(code)) == [1]
    assert settings_reads(ast.parse("env = {**os.environ, 'A': 'b'}")) == []


def test_no_path_of_somebodys_machine_is_written_down() -> None:
    found = [
        f"{name}:{number}: {line.strip()}"
        for name in repository_files()
        if name.endswith(TEXT) or "." not in name.rsplit("/", 1)[-1]
        for number, line in enumerate(read(name).splitlines(), 1)
        if MACHINE_PATHS.search(line) and name != "tests/project/test_python.py"
    ]
    assert found == []


def test_tests_in_one_run_have_names_of_their_own() -> None:
    """Of two files of one name in different folders pytest runs only the first."""
    names = [name.rsplit("/", 1)[-1] for name in files_below("tests/", endings=(".py",))]
    doubled = {name for name in names if name.startswith("test_") and names.count(name) > 1}
    assert doubled == set()


def test_files_stay_short() -> None:
    folders = ("pipelines/", "notebooks/", "models/", "macros/", "tests/", "benchmarks/")
    long = {
        name: lines
        for name in files_below(*folders, endings=(".py", ".sql", ".yml"))
        if (lines := len(read(name).splitlines())) > LONGEST["tests/" * name.startswith("tests/")]
    }
    assert long == {}
