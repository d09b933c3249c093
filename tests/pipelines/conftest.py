"""What the tests of the LiteLLM source and of the lake share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.litellm_logs import Home, write_logs
from tests.servers import Postgres, bucket_server, postgres_folder, postgres_server


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def logs(tmp_path: Path) -> Callable[..., Path]:
    """Write a log file below a folder of its own."""
    return lambda name, *records: write_logs(tmp_path / "logs" / name, *records)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    if postgres_folder() is None:
        pytest.skip("no PostgreSQL server programs on this machine")
    with postgres_server() as server:
        yield server


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give an empty bucket on a local S3 server, reached as the AWS SDK is told to."""
    import s3fs

    with bucket_server("logs") as address:
        for name, value in {
            "AWS_ENDPOINT_URL": address,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }.items():
            monkeypatch.setenv(name, value)
        s3fs.S3FileSystem.clear_instance_cache()
        yield "s3://logs"
        s3fs.S3FileSystem.clear_instance_cache()
