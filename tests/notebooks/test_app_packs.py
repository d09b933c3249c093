"""A pack's files are offered from the month's own folder, and nothing else of the machine."""

import hashlib
import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from notebooks.lib import packs

OCTOBER = date(2026, 10, 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of October's pack in a home, with a file and the manifest of it."""
    made = tmp_path / "packs" / "2026-10"
    made.mkdir(parents=True)
    (made / "statements_2026-10.csv").write_bytes(b"team,cost\n")
    write_manifest(made, sha256=hashlib.sha256(b"team,cost\n").hexdigest())
    return made


def write_manifest(folder: Path, *, sha256: str, **more: Any) -> None:
    document = {
        "period_status": "preliminary",
        "publication": {"publication_id": "first"},
        "files": [{"name": "statements_2026-10.csv", "sha256": sha256}],
        **more,
    }
    (folder / "manifest_2026-10.json").write_text(json.dumps(document))


def names(home: Path) -> list[str]:
    return [file.name for file in packs.find_pack(home, OCTOBER).files]


def test_a_pack_is_its_files_and_what_they_were_made_from(folder: Path, tmp_path: Path) -> None:
    pack = packs.find_pack(tmp_path, OCTOBER)
    assert (pack.publication_id, pack.period_status) == ("first", "preliminary")
    assert {file.name: file.agrees for file in pack.files} == {
        "manifest_2026-10.json": None,
        "statements_2026-10.csv": True,
    }
    assert packs.read_file(tmp_path, OCTOBER, "statements_2026-10.csv") == b"team,cost\n"


def test_a_file_that_was_changed_is_told(folder: Path, tmp_path: Path) -> None:
    (folder / "statements_2026-10.csv").write_bytes(b"team,cost\nme,0\n")
    found = {file.name: file.agrees for file in packs.find_pack(tmp_path, OCTOBER).files}
    assert found["statements_2026-10.csv"] is False


def test_without_a_pack_there_are_no_files(tmp_path: Path) -> None:
    assert packs.find_pack(tmp_path, OCTOBER) == packs.MonthPack(OCTOBER)


def test_no_link_is_followed(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("outside")
    (folder / "link_2026-10.csv").symlink_to(secret)
    (folder / "inside_2026-10.csv").symlink_to(folder / "statements_2026-10.csv")
    assert names(tmp_path) == ["manifest_2026-10.json", "statements_2026-10.csv"]
    with pytest.raises(OSError, match="symbolic links"):
        packs.read_file(tmp_path, OCTOBER, "link_2026-10.csv")


@pytest.mark.parametrize("which", ["packs", "2026-10"])
def test_a_folder_that_is_a_link_is_no_pack(tmp_path: Path, which: str) -> None:
    outside = tmp_path / "outside" / "2026-10"
    outside.mkdir(parents=True)
    (outside / "a_2026-10.csv").write_text("outside")
    if which == "packs":
        (tmp_path / "packs").symlink_to(outside.parent)
    else:
        (tmp_path / "packs").mkdir()
        (tmp_path / "packs" / "2026-10").symlink_to(outside)
    assert names(tmp_path) == []
    with pytest.raises(OSError):  # noqa: PT011 - which one depends on the system
        packs.read_file(tmp_path, OCTOBER, "a_2026-10.csv")


@pytest.mark.parametrize(
    "name",
    [
        "../2026-09/a.csv",
        "/etc/hosts",
        "..",
        ".",
        "",
        ".hidden",
        "a/b",
        "a\x00b",
        "a\nb",
        "none.csv",
    ],
)
def test_only_plain_names_of_the_folder_are_read(folder: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "packs" / "2026-09").mkdir()
    (tmp_path / "packs" / "2026-09" / "a.csv").write_text("another month")
    with pytest.raises(FileNotFoundError):
        packs.read_file(tmp_path, OCTOBER, name)


def test_what_is_no_file_is_left_out(folder: Path, tmp_path: Path) -> None:
    (folder / ".chargeback_scratch").mkdir()
    (folder / "folder").mkdir()
    (folder / 'a "quoted" <b>.csv').write_text("")
    os.mkfifo(folder / "pipe")
    assert names(tmp_path) == ["manifest_2026-10.json", "statements_2026-10.csv"]
    with pytest.raises(FileNotFoundError):
        packs.read_file(tmp_path, OCTOBER, "pipe")


def test_a_large_file_is_listed_and_not_read(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packs, "LARGEST", 5)
    listed = {file.name: file for file in packs.find_pack(tmp_path, OCTOBER).files}
    assert listed["statements_2026-10.csv"].agrees is None
    with pytest.raises(FileNotFoundError):
        packs.read_file(tmp_path, OCTOBER, "statements_2026-10.csv")


@pytest.mark.parametrize(
    "text", ["", "no json", "[]", "[" * 50_000, '{"files": 5}', '{"files": [1, {"name": []}]}']
)
def test_a_damaged_manifest_hides_no_file(folder: Path, tmp_path: Path, text: str) -> None:
    (folder / "manifest_2026-10.json").write_text(text)
    pack = packs.find_pack(tmp_path, OCTOBER)
    assert [file.agrees for file in pack.files] == [None, None]
    assert pack.publication_id is None
