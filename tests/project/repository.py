"""What the structure tests look at: files, Python syntax trees, SQL without its comments."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# A config may hold hooks with Jinja of their own.
JINJA = re.compile(
    r"\{\{\s*config\([^\n]*\)\s*\}\}$|\{\{\s*config\(\n.*?^\)\s*\}\}|\{\{.*?\}\}",
    re.DOTALL | re.MULTILINE,
)


@cache
def repository_files() -> tuple[str, ...]:
    """Return every file that is tracked or would be, relative to the root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    names = set(listed.stdout.splitlines())
    return tuple(sorted(name for name in names if (ROOT / name).is_file()))


def files_below(*folders: str, endings: tuple[str, ...]) -> list[str]:
    """Return the files below some folders, or of the whole repository, that end so."""
    return [
        name
        for name in repository_files()
        if name.endswith(endings) and (not folders or name.startswith(folders))
    ]


def read(name: str) -> str:
    """Return the text of a file."""
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def syntax_tree(name: str) -> ast.Module:
    """Return the syntax tree of a Python file."""
    return ast.parse(read(name), filename=name)


def module_name(name: str) -> str:
    """Return the dotted name of a Python file."""
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imported_modules(tree: ast.AST) -> Iterator[str]:
    """Yield every imported module; of `from a import b` both `a` and `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def is_within(module: str, package: str) -> bool:
    """Tell whether a module is a package or lies in it."""
    return module == package or module.startswith(f"{package}.")


def sql_parts(text: str) -> tuple[str, str]:
    """Return the SQL between Jinja, without comments and texts, and what stands in {{ }}."""
    text = re.sub(r"\{#.*?#\}", " ", text, flags=re.DOTALL)
    text = re.sub(r"\{%.*?%\}", " ", text, flags=re.DOTALL)
    expressions = " ".join(JINJA.findall(text))
    text = JINJA.sub(" jinja ", text)
    text = re.sub(r"--[^\n]*", " ", text)
    return re.sub(r"'(?:[^']|'')*'", "''", text), expressions
