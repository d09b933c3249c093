"""A home that an older release made is built on by this one, to the same costs."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

from tests.system.keep_home import HOMES, costs
from tests.system.world import bursar

KEPT = sorted(HOMES.glob("*.tar.gz"))


@pytest.mark.parametrize("kept", KEPT, ids=lambda path: path.name.removesuffix(".tar.gz"))
def test_a_home_of_an_older_release_is_built_on(kept: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with tarfile.open(kept) as archive:
        archive.extractall(home, filter="data")
    bursar("build", home=home)
    assert costs(home) == json.loads((home / "expected.json").read_text())


def test_a_home_is_kept() -> None:
    assert KEPT
