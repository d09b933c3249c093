"""The page of traps names plants and tests that exist, and leaves out no plant."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.project.repository import files_below, read
from tests.system.plant_checks import CHECKS
from tests.system.plants import checks

PAGE = "tests/system/plants/README.md"
NAME = re.compile(r"`([^`]+)`")
KINDS = CHECKS | checks()


@pytest.fixture(scope="module")
def rows() -> list[list[str]]:
    """Return source, trap, plants and tests of each row."""
    lines = [line for line in read(PAGE).splitlines() if line.startswith("| ")]
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]
    assert len(found) > 150
    return found


def test_every_trap_has_a_plant_or_a_test(rows: list[list[str]]) -> None:
    assert [row for row in rows if len(row) != 4 or not (row[2] or row[3])] == []


def test_the_plants_are_those_of_the_demo(rows: list[list[str]]) -> None:
    named = {name for row in rows for name in NAME.findall(row[2])}
    assert named == set(KINDS)


def test_the_tests_named_exist(rows: list[list[str]]) -> None:
    known: set[Any] = set()
    for name in files_below("tests/", endings=(".py",)):
        known |= set(re.findall(r"^def (test_\w+)", read(name), re.MULTILINE))
    for name in files_below("models/", endings=(".yml",)):
        units = read(name).partition("\nunit_tests:\n")[2]
        known |= set(re.findall(r"^  - name: (\w+)", units, re.MULTILINE))
    named = {name for row in rows for name in NAME.findall(row[3])}
    assert named - known == set()
