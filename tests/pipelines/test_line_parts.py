"""A large file that is read in parts comes out as if it had been read in one."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from pipelines.sources import json_files, line_parts
from tests.pipelines.mutations import damaged, mutated
from tests.pipelines.samples import SOURCES, sample
from tests.pipelines.test_mutations import home_of
from tests.pipelines.test_small_files import contents

LINES = 60


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return into how many parts each file was taken, its parts being small."""
    found: list[int] = []
    monkeypatch.setattr(line_parts, "LEAST_BYTES", 1)

    def spy(path: Path) -> Any:
        monkeypatch.setattr(line_parts, "PART_BYTES", max(1, path.stat().st_size // 7))
        made = line_parts.parts_of(path)
        found.append(len(made))
        return made

    monkeypatch.setattr(json_files, "parts_of", spy)
    return found


def write_lines(path: Path, source: str) -> Path:
    """Write good, changed, damaged and blank lines, some with two ends, the last with none."""
    chance, records = random.Random(12), sample(source)
    lines = [json.dumps(records[0])]
    for _ in range(LINES):
        record = chance.choice(records)
        if chance.random() < 0.2:
            record = mutated(record, chance)
        line = json.dumps(record)
        lines.append(damaged(line, chance) if chance.random() < 0.1 else line)
        lines += [" \t"] * (chance.random() < 0.1)
    ends = [chance.choice(("\n", "\r\n", "\n\n")) for _ in lines[:-1]]
    text = "".join(line + end for line, end in zip(lines, [*ends, ""], strict=True))
    path.write_text(text, encoding="utf-8", newline="")
    return path


@pytest.mark.parametrize("source", SOURCES)
def test_in_parts_is_as_in_one(
    source: str, tmp_path: Path, parts: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_lines(tmp_path / "lines.jsonl", source)
    apart = home_of(source, tmp_path / "apart")
    report = apart.load(path)
    # A line of Codex's tells those after it their model.
    assert parts == [] if source == "codex" else parts[0] >= 7
    monkeypatch.setattr(json_files, "parts_of", lambda _: [])
    whole = home_of(source, tmp_path / "whole")
    assert whole.load(path).records_read == report.records_read > 0
    assert contents(apart) == contents(whole)
    assert report.faults == []


@pytest.mark.parametrize("length", [1, 10, 30, 10_000])
def test_parts_are_the_file(length: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_parts, "LEAST_BYTES", 1)
    monkeypatch.setattr(line_parts, "PART_BYTES", length)
    monkeypatch.setattr(line_parts, "COPIED_BYTES", 7)
    text = b"first\n\nsecond line\r\n" + b"x" * 40 + b"\nlast"
    path = tmp_path / "lines"
    path.write_bytes(text)
    parts = line_parts.parts_of(path)
    assert len(parts) == {1: 4, 10: 3, 30: 3, 10_000: 2}[length]
    copied = b""
    for part in parts:
        with line_parts.part_file(part) as copy:
            piece = copy.read_bytes().removesuffix(line_parts.END)
        assert part is parts[-1] or piece.endswith(b"\n")
        copied += piece
    assert copied == text


def test_a_small_file_is_left_whole(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"line\n")
    assert line_parts.parts_of(path) == []
