"""Small files that are read together come out as if each had been read alone."""

from __future__ import annotations

import gzip
import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.sources import record_files, small_files
from tests.pipelines.mutations import damaged, mutated
from tests.pipelines.samples import SOURCES, sample
from tests.pipelines.test_mutations import home_of
from tests.source_home import SourceHome

OF_EACH_WAY = {"claude_code", "codex", "cloudflare_ai_gateway"}
"""Sources that take some of the lines, carry what lines say to others, and look at the name."""
COLUMNS = "* exclude (pulled_at)"
QUARANTINE = "* exclude (quarantined_at)"


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """Return the names of the files that each query read together and found good."""
    found: list[set[str]] = []
    read = small_files.read_together

    def spy(*arguments: Any) -> Any:
        good = read(*arguments)
        found.append({path.name for path in good})
        return good

    monkeypatch.setattr(record_files, "read_together", spy)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Return a folder for files, whose paths both loads see alike."""
    path = tmp_path / "Users" / "ann" / ".claude" / "files"
    path.mkdir(parents=True)
    yield path
    shutil.rmtree(path)


def write_files(source: str, folder: Path) -> None:
    """Write small files of all sorts: good, changed, damaged, empty, packed, of other shapes."""
    chance, records = random.Random(11), sample(source)

    def lines(count: int, change: Any = lambda record: record) -> list[str]:
        return [json.dumps(change(chance.choice(records))) for _ in range(count)]

    def write(name: str, text: str) -> None:
        (folder / name).write_text(text, encoding="utf-8")

    for number in range(6):
        write(f"good{number}.jsonl", "".join(line + "\n" for line in lines(1 + number)))
    write("changed.jsonl", "\n".join(lines(2, lambda record: mutated(record, chance))))
    write("damaged.jsonl", "\n".join(damaged(line, chance) for line in lines(3)))
    write("blank.jsonl", "\n\n" + "\n\n \n".join(lines(3)) + "\n\n")
    write("open.jsonl", "\r\n".join(lines(3)))
    if source not in OF_EACH_WAY:
        return
    write("marked.jsonl", "\ufeff" + "\n".join(lines(3)))
    write("array.json", "[" + ",\n".join(lines(3)) + "]")
    write("alone.json", json.dumps(records[0], indent=2))
    write("nothing.jsonl", "")
    write("byte.jsonl", "x")
    write("space.jsonl", " \n \n")
    write("none.jsonl", '{"type": "note"}\n' * 3)
    write("star[1]*.jsonl", "\n".join(lines(2)))
    with gzip.open(folder / "packed.jsonl.gz", "wt") as file:
        file.write("\n".join(lines(4)))
    (folder / "bytes.jsonl").write_bytes(lines(1)[0].encode() + b"\n\xff\xfe\n")
    shutil.copy(folder / "good3.jsonl", folder / "copy.jsonl")


def write_torn(source: str, folder: Path) -> None:
    """Write files that no query reads to their end, and a good one beside them."""
    text = "".join(json.dumps(record) + "\n" for record in sample(source))
    whole = gzip.compress(text.encode())
    (folder / "torn.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    (folder / "named.jsonl.gz").write_bytes(b"no archive, for all its name\n")
    (folder / "beside.jsonl").write_text(text + "\n")


def contents(home: SourceHome) -> dict[str, list[Any]]:
    """Return all that a lake holds, but for when it came."""
    return {
        home.table: home.rows(),
        "load_units": home.rows(COLUMNS, "load_units"),
        "quarantine": home.rows(QUARANTINE, "quarantine"),
    }


@pytest.mark.parametrize("source", SOURCES)
def test_together_is_as_alone(
    source: str,
    folder: Path,
    tmp_path: Path,
    together: list[set[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both = home_of(source, tmp_path / "together")
    each = home_of(source, tmp_path / "alone")
    for write in (write_files, write_torn) if source in OF_EACH_WAY else (write_files,):
        write(source, folder)
        together.clear()
        report = both.load(folder)
        assert any(len(good) > 5 for good in together) is (write is write_files)
        together.clear()
        with monkeypatch.context() as patch:
            patch.setattr(small_files, "MOST_FILES", 1)
            alone = each.load(folder)
        assert not together
        assert contents(both) == contents(each)
        assert report.records_read == alone.records_read > 0
        assert sorted(report.faults) == sorted(alone.faults)


def test_a_record_keeps_its_line_and_what_its_own_file_told_it(
    folder: Path, tmp_path: Path, together: list[set[str]]
) -> None:
    """Codex names the model once, in a line before the calls: no file tells it to another."""
    for number, model in enumerate(["gpt-5", "gpt-5-mini", None]):
        context = {"type": "turn_context", "payload": {"model": model}} if model else {}
        [*_, record] = sample("codex")
        lines = [json.dumps(context), "", json.dumps(record)]
        (folder / f"{number}.jsonl").write_text("\n".join(lines))
    home = home_of("codex", tmp_path)
    home.load(folder)
    assert together == [{"0.jsonl", "1.jsonl", "2.jsonl"}]
    found = home.rows("parse_filename(load_unit_id), source_line, model")
    assert found == [("0.jsonl", 2, "gpt-5"), ("1.jsonl", 2, "gpt-5-mini"), ("2.jsonl", 2, None)]


@pytest.mark.parametrize(("limit", "size"), [("MOST_BYTES", 3_000), ("LARGEST_FILE_BYTES", 10)])
def test_a_group_is_bounded(
    limit: str, size: int, folder: Path, tmp_path: Path,
    together: list[set[str]], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(small_files, limit, size)
    for number in range(20):
        line = json.dumps(sample("claude_code")[0] | {"uuid": f"{number:04}", "pad": "x" * 500})
        (folder / f"{number}.jsonl").write_text(line)
    home = home_of("claude_code", tmp_path)
    assert home.load(folder).records_loaded == 20
    assert max(map(len, together), default=0) <= 3
    assert bool(together) is (limit == "MOST_BYTES")


def test_a_persons_files_are_that_persons(tmp_path: Path, together: list[set[str]]) -> None:
    for person in ("ann", "bo"):
        folder = tmp_path / "home" / person / ".claude"
        folder.mkdir(parents=True)
        for number in range(2):
            line = json.dumps(sample("claude_code")[0] | {"uuid": f"{person}{number}"})
            (folder / f"{number}.jsonl").write_text(line + "\n" * number)
    home = home_of("claude_code", tmp_path / "lake")
    home.load(tmp_path / "home")
    assert together == [{"0.jsonl", "1.jsonl"}]
    persons = home.rows("count(distinct user_id), count(user_id), count(*)")
    assert persons == [(2, 4, 4)]
