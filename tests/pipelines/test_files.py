"""Finding files: what counts as new, on a disk and in a bucket."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.config import SourceSettings
from pipelines.lake import Lake
from pipelines.load import LoadContext
from pipelines.sources.files import find_files
from tests.litellm_logs import spend_log, write_logs


def count_reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record the address of each file that is hashed from now on."""
    from pipelines.sources.files import SourceFile

    hashed: list[str] = []
    plain = SourceFile.content_sha256

    def content_sha256(self: SourceFile) -> str:
        hashed.append(self.address)
        return plain(self)

    monkeypatch.setattr(SourceFile, "content_sha256", content_sha256)
    return hashed


def context_of(*patterns: object) -> LoadContext:
    settings = SourceSettings(
        "litellm", {"sources.litellm.files": [str(item) for item in patterns]}
    )
    return LoadContext(
        settings=settings,
        lake=Lake("/nowhere"),
        salt="salt",
        hash_identifiers=True,
        now=datetime.now(tz=UTC),
        report=lambda *_: None,
    )


def find(*patterns: object, endings: tuple[str, ...] = ("",)) -> list[str]:
    context = context_of(*patterns)
    names = [Path(file.address).name for file in find_files(context, endings)]
    assert not context.faults
    return names


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, name in enumerate(
        ["b.jsonl", "a.jsonl.gz", "deep/c.jsonl", "notes.txt", ".d.jsonl"]
    ):
        path = tmp_path / "logs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.utime(path, (1000 + number, 1000 + number))
    return tmp_path / "logs"


def test_files_come_oldest_first_and_once(folder):
    assert find(folder / "*.jsonl*", folder / "b.jsonl") == ["b.jsonl", "a.jsonl.gz"]


def test_of_a_folder_only_log_files_count(folder):
    endings = (".jsonl", ".jsonl.gz")
    assert find(folder, endings=endings) == ["b.jsonl", "a.jsonl.gz", "c.jsonl"]
    assert find(folder / "notes.txt", endings=endings) == ["notes.txt"]


def test_a_name_with_pattern_letters_is_that_file(folder):
    (folder / "x[1]*.jsonl").touch()
    (folder / "x[1]more.jsonl").touch()
    assert find(folder / "x[1]*.jsonl") == ["x[1]*.jsonl"]


def test_a_pattern_that_matches_nothing_says_so_and_the_others_go_on(folder):
    context = context_of(folder / "nothing*", folder / "b.jsonl")
    assert [Path(file.address).name for file in find_files(context)] == ["b.jsonl"]
    [fault] = context.faults
    assert fault.startswith(f"litellm: no file matches '{folder}/nothing*' of the setting `files`")


def test_a_file_with_pattern_letters_loads_only_itself(home, logs):
    path = logs("x[1]*.jsonl", spend_log("a"))
    logs("x[1]other.jsonl", spend_log("b"))
    home.load(path)
    assert home.rows("request_id") == [("a",)]


def test_an_unchanged_file_is_not_even_read_again(home, logs, monkeypatch):
    path = logs("a.jsonl", spend_log())
    hashed = count_reads(monkeypatch)
    assert home.load(path).units == 1
    assert home.load(path).units == 0
    assert hashed == [str(path)]


def test_a_touched_file_is_read_but_not_loaded_again(home, logs, monkeypatch):
    path = logs("a.jsonl", spend_log())
    home.load(path)
    hashed = count_reads(monkeypatch)
    os.utime(path, (2_000_000_000, 2_000_000_000))
    assert home.load(path).units == 0
    assert hashed == [str(path)]


def test_a_file_that_grew_is_loaded_again_under_its_unit(home, logs):
    path = logs("a.jsonl", spend_log("a"), '{"request_id": "half')
    home.load(path)
    logs("a.jsonl", spend_log("a"), spend_log("half"), spend_log("c"))
    home.load(path)
    assert home.accounts() == [(2, 1, 1, 0), (3, 3, 0, 0)]
    assert home.rows("count(distinct load_unit_id)", "load_units", "1") == [(1,)]


def test_the_same_content_under_two_names_counts_once(home, logs):
    first = logs("a.jsonl", spend_log("a"), "broken", "")
    second = logs("b.jsonl", spend_log("a"), "broken", "")
    os.utime(first, (1000, 1000))
    report = home.load(first, second)
    assert (report.records_read, report.records_loaded) == (4, 1)
    assert (report.records_quarantined, report.records_duplicate) == (1, 2)
    third = logs("c.jsonl", spend_log("a"), "broken", "")
    assert home.load(first, second, third).records_duplicate == 2
    assert home.load(first, second, third).units == 0
    assert home.rows("request_id") == [("a",)]


def test_a_renamed_file_is_a_copy_of_what_the_lake_holds(home, logs):
    path = logs("app.jsonl", spend_log("a"))
    home.load(path)
    path.rename(path.with_name("app.1.jsonl"))
    assert home.load(path.parent).records_duplicate == 1


def test_a_rotated_file_loads_under_its_new_name_when_its_old_one_moves_on(home, logs):
    """`app` is replaced by new content, so what it held must stand under `app.1`."""
    path = logs("app.jsonl", spend_log("a"))
    home.load(path)
    rotated = path.rename(path.with_name("app.1.jsonl"))
    os.utime(rotated, (1000, 1000))
    write_logs(path, spend_log("b"))
    report = home.load(path.parent)
    assert (report.records_loaded, report.records_duplicate) == (2, 0)
    assert home.load(path.parent).units == 0


def test_a_copy_steps_in_when_the_original_changes(home, logs):
    original, copy = logs("a.jsonl", spend_log("a")), logs("b.jsonl", spend_log("a"))
    os.utime(original, (1000, 1000))
    assert home.load(original, copy).records_duplicate == 1
    write_logs(original, spend_log("z"))
    report = home.load(original, copy)
    assert (report.records_loaded, report.records_duplicate) == (2, 0)
    assert home.load(original, copy).units == 0


@pytest.mark.parametrize("moment", ["before it is hashed", "before it is read"])
def test_a_file_that_vanishes_is_a_fault_and_the_others_load(home, logs, monkeypatch, moment):
    from pipelines.sources.files import SourceFile

    gone, stays = logs("a.jsonl", spend_log("a")), logs("b.jsonl", spend_log("b"))
    plain = SourceFile.content_sha256

    def content_sha256(self: SourceFile) -> str:
        is_it = self.address == str(gone)
        if is_it and moment == "before it is hashed":
            gone.unlink(missing_ok=True)
        digest = plain(self)
        if is_it:
            gone.unlink()
        return digest

    monkeypatch.setattr(SourceFile, "content_sha256", content_sha256)
    report = home.load(gone, stays)
    [fault] = report.faults
    assert f"{gone} cannot be read (No such file or directory)" in fault
    assert home.rows("request_id") == [("b",)]
    assert home.accounts() == [(1, 1, 0, 0)]
    monkeypatch.undo()
    logs("a.jsonl", spend_log("a"))
    assert home.load(gone, stays).records_loaded == 1


def test_files_of_a_bucket_load_once_and_again_when_they_change(home, bucket):
    import fsspec

    def put(name: str, *records) -> None:
        local = write_logs(home.folder / "to_upload" / name, *records)
        fsspec.filesystem("s3").put_file(str(local), f"{bucket}/proxy/{name}")

    put("a.jsonl.gz", spend_log("a"), "", "broken", spend_log("b"))
    put("b.jsonl", spend_log("c"))
    assert home.load(f"{bucket}/proxy").units == 2
    assert home.reasons() == [(3, "malformed_json")]
    assert home.rows("location", "quarantine") == [("s3://logs/proxy/a.jsonl.gz",)]
    assert home.load(f"{bucket}/proxy/*.jsonl*").units == 0
    put("b.jsonl", spend_log("c"), spend_log("d"))
    put("c.jsonl", spend_log("e"))
    assert home.load(f"{bucket}/proxy").units == 2
    assert sorted(home.rows("request_id", order="1")) == [(name,) for name in "abccde"]


def test_a_bucket_that_is_not_there_is_a_fault_of_the_source(home, bucket):
    [fault] = home.load("s3://no-such-bucket/logs").faults
    assert "no file matches 's3://no-such-bucket/logs'" in fault


def test_a_store_that_does_not_answer_is_a_fault_of_the_source(home, logs, monkeypatch):
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Access Denied")

    path = logs("a.jsonl", spend_log())
    with monkeypatch.context() as patched:
        patched.setattr("pipelines.sources.files.url_to_fs", refuse)
        [fault] = home.load(path).faults
    assert "cannot be listed (Access Denied); check its address and the credentials." in fault
    assert home.load(path).records_loaded == 1


def test_a_bucket_file_that_cannot_be_fetched_leaves_nothing_and_comes_later(
    home, bucket, monkeypatch
):
    import fsspec
    import s3fs

    for name in ("a", "b"):
        local = write_logs(home.folder / f"{name}.jsonl", spend_log(name))
        fsspec.filesystem("s3").put_file(str(local), f"{bucket}/{name}.jsonl")
    fetch = s3fs.S3FileSystem._get_file

    async def break_off(self: object, address: str, path: str, **rest: object) -> None:
        await fetch(self, address, path, **rest)
        if address.endswith("a.jsonl"):
            raise ConnectionResetError(104, "Connection reset by peer")

    with monkeypatch.context() as patched:
        patched.setattr(s3fs.S3FileSystem, "_get_file", break_off)
        s3fs.S3FileSystem.clear_instance_cache()
        [fault] = home.load(bucket).faults
    s3fs.S3FileSystem.clear_instance_cache()
    assert "s3://logs/a.jsonl cannot be read (Connection reset by peer)" in fault
    assert home.rows("request_id") == [("b",)]
    assert home.load(bucket).units == 1
    assert home.rows("request_id", order="1") == [("a",), ("b",)]
