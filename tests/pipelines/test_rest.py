"""The HTTP client: what is retried, what it says when it gives up, and that no key gets out."""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path

import pytest
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth

from pipelines.config import SettingsError, SourceSettings
from pipelines.demo.server import OPENAI_KEY, Fault, ProviderServer
from pipelines.sources import rest
from pipelines.sources.rest import (
    Api,
    ApiError,
    CursorPaginator,
    KeyRefusedError,
    Retries,
    read_base_url,
)
from tests.api_sources import write_results

COSTS = "/organization/costs"
DAYS = {"start_time": 1788220800, "end_time": 1788220800 + 4 * 86400, "limit": 2}


def api(url: str, *, key: str = OPENAI_KEY, **retries: float) -> Api:
    patience = Retries(**{"attempts": 3, "backoff_seconds": 0.01, "read_seconds": 0.3, **retries})
    return Api("OpenAI", url, BearerTokenAuth(key), "set the key.", retries=patience)


def read(client: Api, path: str = COSTS, **params: object) -> list[str]:
    paginator = CursorPaginator(cursor_path="next_page", cursor_param="page")
    return list(client.pages(path, params={**DAYS, **params}, paginator=paginator))


def test_every_page_comes_once_and_untouched(tmp_path: Path) -> None:
    result = '{"amount": {"value": 0.123456789012345678901}}'
    write_results(tmp_path, "openai/costs", {"2026-09-01": [result]})
    with ProviderServer(tmp_path) as server:
        pages = read(api(server.openai_url))
    assert [len(json.loads(page)["data"]) for page in pages] == [2, 2]
    assert "0.123456789012345678901" in pages[0]


@pytest.mark.parametrize("kind", ["rate_limit", "server_error", "hang", "truncated", "cut_json"])
def test_a_passing_fault_is_retried_on_any_page(tmp_path: Path, kind: str) -> None:
    faults = [Fault(kind, seconds=1, times=2), Fault(kind, seconds=1, after=1)]  # type: ignore[arg-type]
    with ProviderServer(tmp_path, faults=faults) as server:
        assert len(read(api(server.openai_url))) == 2
        assert all(fault.times == 0 for fault in faults)
        assert len(server.requests) == 2 + 3


def test_retry_after_is_waited_for(tmp_path: Path) -> None:
    with ProviderServer(tmp_path, faults=[Fault("rate_limit", seconds=1)]) as server:
        began = time.monotonic()
        read(api(server.openai_url))
    assert time.monotonic() - began >= 1


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("rate_limit", "still limits the rate of /organization/costs (HTTP 429) after 3 attempts"),
        ("server_error", "keeps failing at /organization/costs (HTTP 500) after 3 attempts"),
        ("hang", "/organization/costs did not answer within 0.3 s after 3 attempts"),
        ("truncated", "/organization/costs broke off in mid-page after 3 attempts"),
        ("cut_json", "/organization/costs sent a page that is cut off or no JSON after 3 attempts"),
        ("forbidden", "OpenAI refused the admin key: /organization/costs (HTTP 403)"),
    ],
)
def test_a_lasting_fault_is_one_line(tmp_path: Path, kind: str, words: str) -> None:
    fault = Fault(kind, seconds=0.5, times=99)  # type: ignore[arg-type]
    with ProviderServer(tmp_path, faults=[fault]) as server, pytest.raises(ApiError) as caught:
        read(api(server.openai_url, longest_wait_seconds=0.05))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(server.requests) == (1 if kind == "forbidden" else 3)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("endless_pages", "the pages do not end after 20"),
        ("endless_page", "a page does not end after 4 MiB"),
    ],
)
def test_an_answer_without_end_is_one_line(
    tmp_path: Path, kind: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest, "MOST_PAGES", 20)
    monkeypatch.setattr(rest, "MOST_BYTES", 4 << 20)
    fault = Fault(kind, times=99)  # type: ignore[arg-type]
    with ProviderServer(tmp_path, faults=[fault]) as server, pytest.raises(ApiError) as caught:
        read(api(server.openai_url))
    assert words in str(caught.value)
    assert len(server.requests) <= 21


def test_a_refused_key_is_named_by_its_setting_and_never_shown(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with ProviderServer(tmp_path) as server, pytest.raises(KeyRefusedError) as caught:
        read(api(server.openai_url, key="sk-wrong-key"))
    assert str(caught.value).startswith(
        "OpenAI refused the admin key: /organization/costs (HTTP 401)"
    )
    assert len(server.requests) == 1
    assert "sk-wrong-key" not in str(caught.value) + caplog.text


def test_an_unreachable_server_is_one_line() -> None:
    with pytest.raises(ApiError, match=r"could not be reached at 127\.0\.0\.1:9 after 3 attempts"):
        read(api("http://127.0.0.1:9"))


class Answer:
    """A page as the paginator sees it."""

    def __init__(self, **body: object) -> None:
        self.body = body

    def json(self) -> dict[str, object]:
        """Return the page."""
        return {"data": [], **self.body}


def test_a_page_that_claims_more_and_leads_nowhere_is_an_error() -> None:
    paginator = CursorPaginator(cursor_path="next_page", cursor_param="page")
    with pytest.raises(ValueError, match="names no next page"):
        paginator.update_state(Answer(has_more=True, next_page=None))  # type: ignore[arg-type]


def test_pages_that_go_round_in_a_circle_are_an_error() -> None:
    paginator = CursorPaginator(cursor_path="next_page", cursor_param="page")
    paginator.update_state(Answer(has_more=True, next_page="2019-12-27T18:11:19.117Z"))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="circle"):
        paginator.update_state(Answer(has_more=True, next_page="2019-12-27T18:11:19.117Z"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "address", ["http://api.example.com/v1", "ftp://localhost", "api.openai.com"]
)
def test_a_key_never_travels_in_the_clear(address: str) -> None:
    settings = SourceSettings("openai", {"sources.openai.base_url": address})
    with pytest.raises(SettingsError, match="SOURCES__OPENAI__BASE_URL"):
        read_base_url(settings, "https://api.openai.com/v1")
