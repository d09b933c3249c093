"""What is installed is pinned, hashed, and needs no address but the index's."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.project.repository import ROOT, read, repository_files

PYPROJECT = tomllib.loads(read("pyproject.toml"))["project"]
LOCK = read("requirements.lock")
CLUSTER_LOCK = read("tests/spark/cluster.lock")
PRICES_LOCK = read("prices.lock")
LOCKED = ("s3", "spark", "dev")
PINS = {
    "dbt-core": ("1.11.0", "1.12.0"),
    "duckdb": ("2.0.0", "3.0.0"),
    "polars": ("2.0.0", "3.0.0"),
    "marimo": ("0.25.0", "0.26.0"),
    "altair": ("6.0.0", "7.0.0"),
    "dlt": ("1.31.0", "1.30.0"),
}


def locked(lock: str = LOCK) -> dict[str, tuple[Requirement, int]]:
    """Return each locked requirement with the number of its hashes."""
    entries = re.sub(r"^\s*#.*$", "", lock, flags=re.MULTILINE)
    joined = re.sub(r"\\\n\s*", " ", entries)
    found = {}
    for line in filter(None, map(str.strip, joined.splitlines())):
        requirement, *hashes = line.split(" --hash=")
        parsed = Requirement(requirement.strip())
        found[canonicalize_name(parsed.name)] = (parsed, len(hashes))
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", text.strip()) for text in hashes)
    return found


def wanted() -> list[Requirement]:
    """Return what pyproject.toml asks for, with the extras that the lock covers."""
    extras = PYPROJECT["optional-dependencies"]
    return [
        Requirement(line)
        for line in [
            *PYPROJECT["dependencies"],
            *(line for name in LOCKED for line in extras[name]),
        ]
    ]


@pytest.mark.parametrize(
    "lock", [LOCK, CLUSTER_LOCK, PRICES_LOCK], ids=["requirements", "cluster", "prices"]
)
def test_every_requirement_is_one_version_with_hashes(lock: str) -> None:
    loose = [
        name
        for name, (requirement, hashes) in locked(lock).items()
        if not re.fullmatch(r"==[^*,]+", str(requirement.specifier)) or not hashes
    ]
    assert len(locked(lock)) > (50 if lock == LOCK else 1 if lock == CLUSTER_LOCK else 0)
    assert loose == []


@pytest.mark.parametrize(
    "lock", [LOCK, CLUSTER_LOCK, PRICES_LOCK], ids=["requirements", "cluster", "prices"]
)
def test_the_lock_has_no_addresses(lock: str) -> None:
    assert re.findall(r"https?://\S+|git\+\S+|file:\S+|--\w*index\S*|--find-links\S*", lock) == []
    assert [name for name, (requirement, _) in locked(lock).items() if requirement.url] == []


def test_the_cluster_and_its_client_are_of_one_series() -> None:
    series = {
        str(requirement.specifier).removeprefix("==").rsplit(".", 1)[0]
        for name, (requirement, _) in (locked() | locked(CLUSTER_LOCK)).items()
        if name in ("pyspark", "pyspark-client")
    }
    assert series == {"4.0"}
    assert "pyspark" not in locked(), "the two packages overwrite each other's files"


def test_the_second_price_book_is_one_package_and_no_dependency() -> None:
    """What the lock holds is what prices.in asks for; the environment itself never has it."""
    assert list(locked(PRICES_LOCK)) == ["litellm"]
    assert str(locked(PRICES_LOCK)["litellm"][0]) in read("prices.in").splitlines()
    assert "litellm" not in locked()


def test_the_lock_answers_pyproject() -> None:
    entries = locked()
    missing = []
    for requirement in wanted():
        entry = entries.get(canonicalize_name(requirement.name))
        version = str(entry[0].specifier).removeprefix("==") if entry else ""
        if not entry or not requirement.specifier.contains(version, prereleases=True):
            missing.append(str(requirement))
    assert missing == []


@pytest.mark.parametrize(("name", "versions"), PINS.items())
def test_pins_are_as_agreed(name: str, versions: tuple[str, str]) -> None:
    inside, outside = versions
    [requirement] = [item for item in wanted() if canonicalize_name(item.name) == name]
    assert requirement.specifier.contains(inside)
    assert not requirement.specifier.contains(outside)


def test_dlt_comes_with_what_the_lake_and_postgresql_need() -> None:
    [dlt] = [item for item in wanted() if item.name == "dlt"]
    assert dlt.extras >= {"filesystem", "sql_database"}


def test_no_package_comes_from_dbts_hub_and_no_other_lock_is_kept() -> None:
    unwanted = {"packages.yml", "dependencies.yml", "uv.lock", "package-lock.yml"}
    assert unwanted & set(repository_files()) == set()


def test_ci_runs_the_tests_both_engines_and_the_lint_and_nothing_else() -> None:
    lines = [line.strip() for line in (ROOT / ".ci/run").read_text().splitlines()]
    commands = [line for line in lines if line and not line.startswith("#")]
    commands = [line for line in commands if not line.startswith(("set ", "cd "))]
    assert commands == ["make test", "make test-slow", "make parity", "make lint"]


def test_secrets_stay_out() -> None:
    assert ".dlt/secrets.toml" in read(".gitignore").splitlines()
    assert ".dlt/secrets.toml" not in repository_files()
