"""Documents tell the truth: paths, targets, commands, options and columns they name exist."""

from __future__ import annotations

import inspect
import re
import tomllib
from pathlib import PurePosixPath
from typing import Any

import click
import pytest
import typer

from pipelines import cli, cli_shared
from pipelines.config import Settings
from tests.project.repository import ROOT, files_below, read, repository_files

DOCUMENTS = [
    "README.md", "CONTRIBUTING.md", "CHANGELOG.md",
    *files_below("docs/", "pipelines/", "benchmarks/", "tests/", endings=(".md",)),
]  # fmt: skip
COMMAND: click.Group = typer.main.get_command(cli.app)  # type: ignore[assignment]
TOP_LEVEL = {name.split("/")[0] for name in repository_files()}
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
QUOTED = re.compile(r"`([^`\n]+)`")
PLACEHOLDER = re.compile(r"<[a-z_ ]+>")
MADE_BY_PEOPLE_OR_RUNS = {"benchmarks/RESULTS.md", ".dlt/secrets.toml"}


def path_exists(name: str) -> bool:
    """Tell whether a path is there; `<name>` and `*` stand for anything."""
    pattern = PLACEHOLDER.sub("*", name).rstrip("/")
    if "*" in pattern:
        return any(ROOT.glob(pattern))
    return (ROOT / pattern).exists() or pattern in MADE_BY_PEOPLE_OR_RUNS


def quoted_paths(text: str) -> list[str]:
    """Return what stands in backquotes and begins with a folder or file of the root."""
    found = []
    for quoted in QUOTED.findall(text):
        name = quoted.strip().split("::")[0]
        first = name.split("/")[0]
        is_path = "/" in name or PurePosixPath(name).suffix in (".md", ".toml", ".yml", ".lock")
        if first in TOP_LEVEL and is_path and not re.search(r"[\s{}…|]", PLACEHOLDER.sub("", name)):
            found.append(name)
    return found


def commands_in(text: str) -> list[list[str]]:
    """Return the words of every `bursar …` in backquotes or at the start of a line of code."""
    code = [quoted for quoted in QUOTED.findall(text) if quoted.startswith("bursar ")]
    code += re.findall(r"^\s*(?:\.venv/bin/)?(bursar [^\n#]+)", text, re.MULTILINE)
    return [re.split(r"[\s\[\]]+", line.strip())[1:] for line in code]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_path_named_exists(name: str) -> None:
    text = read(name)
    missing = [path for path in quoted_paths(text) if not path_exists(path)]
    folder = (ROOT / name).parent
    links = [(folder / link).resolve() for link in LINK.findall(text)]
    missing += [str(link) for link in links if not path_exists(link.relative_to(ROOT).as_posix())]
    assert missing == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_make_target_named_exists(name: str) -> None:
    named = set(re.findall(r"(?:^ {4,}|`)make ([a-z][a-z-]*)", read(name), re.MULTILINE))
    targets = set(re.findall(r"^([a-z][a-z-]*):", read("Makefile"), re.MULTILINE))
    assert named - targets == set()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_command_and_option_named_exists(name: str) -> None:
    wrong = []
    for command, *words in commands_in(read(name)):
        if command not in COMMAND.commands:
            wrong.append(command)
            continue
        found = COMMAND.commands[command]
        if words and (part := getattr(found, "commands", {}).get(words[0])):
            found = part
        options = {option for item in found.params for option in item.opts}
        wrong += [
            f"{command} {word}" for word in words if word.startswith("--") and word not in options
        ]
    assert wrong == []


def test_the_readme_has_every_command() -> None:
    rows = re.findall(r"^\| `bursar ([a-z]+)", read("README.md"), re.MULTILINE)
    assert sorted(rows) == sorted(COMMAND.commands)


def test_the_readme_has_the_exit_codes() -> None:
    rows = re.findall(r"^\| (\d) \|", read("README.md"), re.MULTILINE)
    assert [int(code) for code in rows] == [
        cli_shared.DONE, cli_shared.REFUSED, cli_shared.WRONG_USAGE, cli_shared.SOURCE_FAILED,
    ]  # fmt: skip


def test_the_readme_maps_every_folder_and_shows_the_app() -> None:
    text = read("README.md")
    folders = {name.split("/")[0] for name in repository_files() if "/" in name}
    mapped = set(re.findall(r"^\| `([\w.]+)/` \|", text, re.MULTILINE))
    assert mapped == folders
    assert "](docs/images/cost_overview.png)" in text


def test_every_decision_is_listed_and_has_its_four_parts() -> None:
    index = read("docs/decisions/README.md")
    decisions = [
        name for name in files_below("docs/decisions/", endings=(".md",)) if "README" not in name
    ]
    assert len(decisions) > 5
    for name in decisions:
        assert f"]({PurePosixPath(name).name})" in index
        parts = re.findall(r"^## (.+)$", read(name), re.MULTILINE)
        assert parts == ["Context", "Choice", "What was measured", "Consequences"], name


def test_the_architecture_names_columns_that_marts_have(models: list[dict[str, Any]]) -> None:
    marts = {
        model["name"]: model["columns"] for model in models if model["path"].startswith("marts")
    }
    rows = re.findall(r"^\| ([a-z_ /]+) \| (.+) \|$", read("docs/architecture.md"), re.MULTILINE)
    listed, unknown = set(), []
    for names, text in rows:
        row = {name.strip() for name in names.split("/")} & marts.keys()
        columns = {column for mart in row for column in marts[mart]}
        words = re.findall(r"\b[a-z]+(?:_[a-z0-9]+)+\b", re.sub(r"`[^`]*`|\(.*?\)", "", text))
        unknown += [(sorted(row), word) for word in words if row and word not in columns]
        listed |= row
    assert len(listed) > 5
    assert unknown == []


def test_the_glossary_explains_the_words_of_the_models(models: list[dict[str, Any]]) -> None:
    text = read("docs/glossary.md")
    columns = {model["name"]: model["columns"] for model in models}
    views = ("invoice_cost", "provider_usage_estimated_cost", "metered_estimated_cost")
    kinds = [name for name in columns["fct_charges"] if name.endswith("_cost")]
    causes = [
        name
        for name in columns["invoice_reconciliation_month"]
        if name.endswith("_cost") and name not in views
    ]
    words = [name.removesuffix("_cost").replace("_", " ") for name in [*kinds, *causes]]
    assert len(words) > 8
    assert [word for word in words if f"**{word}**" not in text] == []


def test_the_example_has_every_setting_of_a_run() -> None:
    reading = r"self\._(?:global|whole_number)\(\"(\w+)\""
    read_names = set(re.findall(reading, inspect.getsource(Settings)))
    shown = set()
    for name in (".dlt/config.toml", ".dlt/secrets.toml.example"):
        text = re.sub(r"^# ?(\w+ = )", r"\1", read(name), flags=re.MULTILINE)
        shown |= tomllib.loads(text)["bursar"].keys()
    assert shown == read_names
