"""Settings: where they come from, and what a wrong one says."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.config import SettingsError, load_settings


def test_the_argument_wins_over_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BURSAR_HOME", str(tmp_path / "environment"))
    assert load_settings().home == tmp_path / "environment"
    assert load_settings(tmp_path / "argument").home == tmp_path / "argument"


def test_a_source_setting_comes_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__LITELLM__FILES", "/logs/*.jsonl.gz, /more/*.jsonl")
    source = load_settings(tmp_path).source("litellm")
    assert source.get_list("files") == ["/logs/*.jsonl.gz", "/more/*.jsonl"]
    assert (
        load_settings(tmp_path, {"sources.litellm.files": None}).source("litellm").get_list("files")
        == []
    )


def test_the_organisations_folders_are_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_settings(tmp_path).org_folder.parts[-2:] == ("seeds", "org")
    monkeypatch.setenv("BURSAR_ORG", str(tmp_path / "org"))
    monkeypatch.setenv("BURSAR_PRICING", str(tmp_path / "pricing"))
    source = load_settings(tmp_path).source("org")
    assert source.require("folder") == str(tmp_path / "org")
    assert source.require("pricing_folder") == str(tmp_path / "pricing")


def test_a_wrong_setting_says_what_where_and_how(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = load_settings(tmp_path).source("openai")
    with pytest.raises(SettingsError, match="set SOURCES__OPENAI__BASE_URL or"):
        source.require("base_url")
    monkeypatch.setenv("SOURCES__OPENAI__RESTATE_DAYS", "soon")
    with pytest.raises(
        SettingsError, match=r"SOURCES__OPENAI__RESTATE_DAYS is 'soon': give a whole"
    ):
        source.get_int("restate_days", 35)
    monkeypatch.setenv("BURSAR_HASH_IDENTIFIERS", "maybe")
    with pytest.raises(
        SettingsError, match="BURSAR_HASH_IDENTIFIERS is 'maybe': give true or false"
    ):
        _ = load_settings(tmp_path).hash_identifiers


def test_a_salt_is_made_once_and_kept_private(tmp_path: Path) -> None:
    salt = load_settings(tmp_path).salt()
    assert len(salt) == 32
    assert load_settings(tmp_path).salt() == salt
    assert (tmp_path / "salt").stat().st_mode & 0o077 == 0
    assert load_settings(tmp_path, {"bursar.salt": "own"}).salt() == "own"
