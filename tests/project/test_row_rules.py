"""The test `holds` returns each row that breaks a rule, and says which."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.small_project import SmallProject
from tests.system.world import ROOT

GENERIC = "tests/dbt/generic/holds.sql"
ROWS = """
select * from (values
    (1, 'a', 5), (2, 'b', 5), (3, null, 5), (4, 'c', 5), (5, 'a', -1), (6, 'a', null), (7, 'c', -1)
) as numbers (id, word, quantity)
"""
RULES = """
models:
  - name: numbers
    data_tests:
      - holds:
          name: numbers_rows_hold
          arguments: {}
"""
ALL = "{given: [id, quantity], one_of: {word: [a, b]}, rules: {quantity is positive: quantity > 0}}"


@pytest.fixture
def project(tmp_path: Path) -> SmallProject:
    small = SmallProject(tmp_path)
    small.write("tests/generic/holds.sql", (ROOT / GENERIC).read_text())
    small.write("models/numbers.sql", ROWS)
    return small


def test_a_row_that_breaks_rules_is_returned_with_their_names(project: SmallProject) -> None:
    project.write("models/numbers.yml", RULES.format(ALL))
    assert project.run().returncode == 1
    [result] = [
        row for row in project.document("run_results.json")["results"] if row["status"] == "fail"
    ]
    with duckdb.connect(str(project.folder / "home" / "warehouse" / "build.duckdb")) as connection:
        rows = connection.sql(result["compiled_code"]).fetchall()
    assert {row[1]: row[0].strip() for row in rows} == {
        4: "word is a known word.",
        5: "quantity is positive.",
        6: "quantity is given. quantity is positive.",
        7: "word is a known word. quantity is positive.",
    }


def test_a_test_without_rules_is_refused(project: SmallProject) -> None:
    project.write("models/numbers.yml", RULES.format("{}"))
    done = project.run()
    assert done.returncode == 1
    assert "A test that holds nothing cannot fail" in done.stdout
