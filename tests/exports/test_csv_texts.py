"""What a spreadsheet would run is text in every CSV file."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from pipelines.exports.tables import write_csv
from pipelines.exports.texts import csv_text, project_text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"), ("+cmd", "'+cmd"), ("-2+3", "'-2+3"), ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"), ("\r=1", "'\r'=1"), ("\n=1", "'\n'=1"), (" =1", "' =1"),
        ("\x00=1", "'=1"),
        ("-4471", "-4471"), ("plain", "plain"), ("a=b", "a=b"), ("", ""), ("\ufeff=1", "'\ufeff=1"),
        ("\uff1d1", "'\uff1d1"), ("\uff0b1", "'\uff0b1"), ("\uff0d1", "'\uff0d1"),
        ("\uff20A", "'\uff20A"), ("\u3000=1", "'\u3000=1"), ("a;=1", "a;'=1"), ("a,+1", "a,'+1"),
        ("a\t@A", "a\t'@A"), ("a\n-1", "a\n'-1"), ("a; =1", "a; '=1"), ('a;"=1', "a;\"'=1"),
        ("a;;=1;\uff1d2", "a;;'=1;'\uff1d2"), ("a;\x00=1", "a;'=1"), ("a, b; c", "a, b; c"),
        ("-1,5", "-1,5"), ("a-b,c=d", "a-b,c=d"),
    ],
)  # fmt: skip
def test_a_text_that_a_spreadsheet_would_run_is_quoted(text: str, written: str) -> None:
    assert csv_text(text) == written


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(
    "text", ["a;=1", "a,=1", "a\t=1", "=1;=1", 'a;"=1', 'a"";\t"\uff0b1', ";=1"]
)
def test_no_cell_of_another_separator_begins_as_a_formula(
    tmp_path: Path, separator: str, text: str
) -> None:
    path = tmp_path / "texts.csv"
    write_csv(path, ["first", "second"], [{"first": text, "second": text}])
    with path.open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file, delimiter=separator) for cell in row]
    naive = re.split(r"[\r\n,;\t]", path.read_text(encoding="utf-8"))
    began = [cell.strip(' "')[:1] for cell in (*cells, *naive)]
    assert set(began) & {*"=+-@|%", "\uff0b"} == set()


def test_a_long_text_of_separators_is_read_once() -> None:
    assert csv_text("a" + ";\t" * 200_000) == "a" + ";\t" * 200_000


def test_a_line_says_which_project_and_system_it_is_of() -> None:
    line = {"sub_account_name": None, "sub_account_id": "p", "ai_system_id": "bot"}
    assert project_text(line) == "p · bot"
    assert project_text({**line, "sub_account_id": None, "ai_system_id": None}) == ""
