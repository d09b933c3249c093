"""An app is one notebook, one test and one exposure, and reads only what is published."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from notebooks.site.landing import find_apps
from tests.project.repository import files_below, read, syntax_tree

APPS = {app.name: app for app in find_apps()}


def texts(name: str) -> str:
    """Return all texts of a Python file but its docstrings."""
    tree = syntax_tree(name)
    said = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node)
    }
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return "\n".join(str(node.value) for node in constants if id(node) not in said)


@pytest.mark.parametrize("name", APPS)
def test_an_app_has_its_test_and_its_exposure(name: str, manifest: dict[str, Any]) -> None:
    assert APPS[name].summary.endswith((".", "?")), "the first sentence of the docstring"
    assert files_below(f"tests/notebooks/test_{name}", endings=(".py",))
    [exposure] = [item for item in manifest["exposures"].values() if item["name"] == name]
    assert exposure["label"] == APPS[name].title
    assert exposure["url"].endswith(f"/{name}/")
    assert Path(f"notebooks/apps/{name}.py").as_posix() in exposure["description"]


@pytest.mark.parametrize("name", APPS)
def test_what_is_called_later_needs_no_name_of_its_cell_alone(name: str) -> None:
    """Names that begin so are gone once a cell ran again: a download would fail then."""
    later = [
        inner.id
        for node in ast.walk(syntax_tree(f"notebooks/apps/{name}.py"))
        if isinstance(node, ast.Lambda)
        for inner in ast.walk(node.body)
        if isinstance(inner, ast.Name) and inner.id.startswith("_")
    ]
    assert later == []


def test_exposures_name_what_the_apps_read(
    manifest: dict[str, Any], models: list[dict[str, Any]]
) -> None:
    names = {model["name"] for model in models}
    exposed = {
        parent.rsplit(".", 1)[-1]
        for exposure in manifest["exposures"].values()
        for parent in exposure["depends_on"]["nodes"]
    }
    queried = {
        word
        for name in files_below("notebooks/", endings=(".py",))
        for word in re.findall(r"\b(?:from|join)\s+([a-z_]+)\b", texts(name))
    }
    assert queried & names, "no query found: has the way of writing them changed?"
    assert (queried & names) - exposed == set()
    assert exposed - queried == set()


def values_in_queries(tree: ast.AST) -> list[str]:
    """Return what an f-string with SQL takes in that is not of the code's own words.

    Own words are names in capitals, and locals that no parameter flows into but as a key of a map.
    """
    loose = []
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        arguments = function.args
        given = {item.arg for item in [*arguments.args, *arguments.kwonlyargs]}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and not isinstance(node.value, ast.JoinedStr):
                keys = {
                    id(name)
                    for part in ast.walk(node.value)
                    if isinstance(part, ast.Subscript)
                    for name in ast.walk(part.slice)
                }
                used = {
                    name.id
                    for name in ast.walk(node.value)
                    if isinstance(name, ast.Name) and id(name) not in keys
                }
                if used & given:
                    given |= {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
        for node in ast.walk(function):
            if isinstance(node, ast.JoinedStr) and is_query(node):
                parts = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
                loose += [
                    ast.unparse(part)
                    for part in parts
                    if not re.fullmatch(r"[A-Z_]+\[\w+\]", ast.unparse(part))
                    and (not isinstance(part, ast.Name) or part.id in given)
                ]
    return loose


def is_query(text: ast.JoinedStr) -> bool:
    """Tell whether an f-string is SQL."""
    fixed = " ".join(str(part.value) for part in text.values if isinstance(part, ast.Constant))
    return bool(re.search(r"\bselect\b.*\bfrom\b", fixed, re.DOTALL))


@pytest.mark.parametrize("name", files_below("notebooks/", endings=(".py",)))
def test_no_value_is_written_into_a_query(name: str) -> None:
    assert values_in_queries(syntax_tree(name)) == []


@pytest.mark.parametrize(
    "body", ["query = f'select x from {team}'", "t = team\n    q = f'select {t} from y'"]
)
def test_a_value_in_a_query_would_be_seen(body: str) -> None:
    assert values_in_queries(ast.parse(f"def find(team):\n    {body}")) != []


def test_pages_ask_other_sites_for_nothing() -> None:
    outside = [
        f"{name}: {address}"
        for name in files_below("notebooks/", endings=(".py", ".css", ".html"))
        for address in re.findall(r"(?:https?:)?//[a-z][\w.-]+\.[a-z]{2,}\S*", read(name))
        if "www.w3.org" not in address
    ]
    assert outside == []
