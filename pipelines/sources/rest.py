"""The one HTTP client of API sources: pages as raw text, retried, with one-line errors.

dlt's RESTClient pages; dlt's session and its retry conditions do the rest, with jitter added, since
sources of one company start at the same minute. Page text is handed on: no number becomes a float.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import requests
from dlt.common import jsonpath
from dlt.sources.helpers.requests.retry import (
    DEFAULT_RETRY_EXCEPTIONS,
    retry_if_predicate,
    retry_if_status,
    wait_exponential_retry_after,
)
from dlt.sources.helpers.requests.session import Session
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.paginators import BasePaginator, JSONResponseCursorPaginator
from requests.auth import AuthBase
from tenacity import Retrying, retry_any, retry_if_exception_type, stop_after_attempt, wait_random

from pipelines.config import SettingsError, SourceSettings
from pipelines.sources.texts import whole_characters

CONNECT_SECONDS = 10
MOST_PAGES = 1_000  # a year by the hour is a tenth of it
MOST_BYTES = 256 << 20
PAGE_PATIENCE = 5
RETRY_STATUSES = (408, 425, 429, *range(500, 600))
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class ApiError(Exception):
    """An endpoint did not answer; the message is one line with source, endpoint and remedy."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        """Keep the HTTP status beside the message, where there is one."""
        super().__init__(message)
        self.status = status


class KeyRefusedError(ApiError):
    """The key itself is refused: no other endpoint will answer either."""


def unreadable(what: str, failure: Exception) -> ApiError:
    """Return the error for pages that are JSON and cannot be split; never quotes them."""
    return ApiError(
        f"{what} came in a shape that cannot be read ({type(failure).__name__}): "
        "load again later, and report it if it stays so."
    )


@dataclass(frozen=True)
class Retries:
    """How often and how patiently a page is asked for; seconds."""

    attempts: int = 6
    backoff_seconds: float = 1.0
    longest_wait_seconds: float = 120.0
    read_seconds: float = 60.0


def read_retries(settings: SourceSettings, *, attempts: int = 6) -> Retries:
    """Return the retry settings of a source; raise SettingsError for what is no number."""
    return Retries(
        attempts=max(1, settings.get_int("request_attempts", attempts)),
        backoff_seconds=settings.get_int("request_backoff_ms", 1000) / 1000,
        longest_wait_seconds=settings.get_int("request_longest_wait", 120),
        read_seconds=settings.get_int("request_timeout", 60),
    )


def read_base_url(settings: SourceSettings, default: str, *, has_key: bool = True) -> str:
    """Return the API's address; raise SettingsError where a key would travel in the clear."""
    address = str(settings.get("base_url", default)).rstrip("/")
    parts = urlsplit(address)
    is_plain = parts.scheme == "http" and (parts.hostname in LOOPBACK or not has_key)
    if parts.hostname and (parts.scheme == "https" or is_plain):
        return address
    why = "an admin key is sent to it, so give https:// (http:// only to this machine)"
    raise SettingsError(
        f"{settings.environment_name('base_url')} is not an https:// address: "
        f"{why if has_key else 'give one, or http:// inside of the own network'}."
    )


def read_admin_key(settings: SourceSettings) -> str:
    """Return the admin key; raise SettingsError where it is missing."""
    key = settings.get_secret("admin_key")
    if not key:
        raise SettingsError(
            f"{settings.source} has no setting `admin_key`: "
            f"set {settings.environment_name('admin_key')}."
        )
    return str(key).strip()


class CursorPaginator(JSONResponseCursorPaginator):
    """Follows a cursor; a list that claims more without leading on is an error, not an end."""

    def __init__(self, *, cursor_path: str, cursor_param: str, records: str = "data") -> None:
        """Take where the answer holds the cursor, the parameter that sends it back, the list."""
        super().__init__(cursor_path=cursor_path, cursor_param=cursor_param)
        self._records = records
        self._seen: set[str] = set()

    def update_state(self, response: requests.Response, data: list[Any] | None = None) -> None:
        """Read the next cursor; raise ValueError where pages would be lost or never end."""
        if len(self._seen) == MOST_PAGES:
            raise ValueError(f"the pages do not end after {MOST_PAGES:,}")
        super().update_state(response, data)
        body = response.json()
        if not isinstance(body, dict) or not isinstance(body.get(self._records), list):
            raise ValueError(f"the page holds no list of {self._records}")
        has_more = body.get("has_more", self._next_reference is not None)
        if not has_more:
            self._has_next_page = False
        elif self._next_reference is None:
            raise ValueError("the page says has_more but names no next page")
        elif self._next_reference in self._seen:
            raise ValueError("the pages go round in a circle")
        self._seen.add(str(self._next_reference))


class NumberPaginator(BasePaginator):
    """Asks for numbered pages, in the query or a POST's body, until one is the last or not full."""

    def __init__(
        self, *, records: str, size: int, page: str = "page", page_size: str = "",
        first: int = 1, more: str = "",
    ) -> None:  # fmt: skip
        """Take the list's name, a full page's size, the parameters' names; where `more` is said."""
        super().__init__()
        self._records, self._size, self._more = records, size, more
        self._page, self._page_size, self._number, self._asked = page, page_size, first, 0

    def init_request(self, request: requests.Request) -> None:
        """Ask for the first page."""
        self.update_request(request)

    def update_request(self, request: requests.Request) -> None:
        """Put the number where the API looks for it."""
        values = {self._page: self._number}
        if self._page_size:
            values[self._page_size] = self._size
        if request.method == "POST":
            request.json = {**(request.json or {}), **values}
        else:
            request.params = {**(request.params or {}), **values}

    def update_state(self, response: requests.Response, data: list[Any] | None = None) -> None:
        """Go on while pages are full; raise ValueError where they never end."""
        body = response.json()
        records = body if isinstance(body, list) else body.get(self._records)
        if not isinstance(records, list):
            raise ValueError(f"the page holds no list of {self._records}")
        self._asked += 1
        if self._asked == MOST_PAGES:
            raise ValueError(f"the pages do not end after {MOST_PAGES:,}")
        self._number += 1
        # A server may give fewer a page than it was asked for.
        says = jsonpath.find_values(self._more, body) if self._more else []
        more = bool(says[0]) if says else len(records) >= self._size
        self._has_next_page = bool(records) and more


@dataclass(frozen=True)
class Api:
    """One provider's API: where it is, how it lets us in, how patient we are."""

    name: str
    base_url: str
    auth: AuthBase | None
    key_remedy: str
    headers: Mapping[str, str] = field(default_factory=dict)
    retries: Retries = field(default_factory=Retries)

    def pages(
        self,
        path: str,
        *,
        params: Mapping[str, Any],
        paginator: BasePaginator,
        records: str = "data",
        body: Mapping[str, Any] | None = None,
    ) -> Iterator[str]:
        """Yield the text of each page in order, by POST where there is a body; raise ApiError."""
        client = RESTClient(
            self.base_url, dict(self.headers), self.auth, session=open_session(self.retries)
        )
        try:
            # A redirect could carry the key to another host, so none is followed.
            for page in client.paginate(
                path,
                method="GET" if body is None else "POST",
                params=dict(params),
                json=None if body is None else dict(body),
                paginator=paginator,
                data_selector=records,
                hooks={"response": [_raise_for_status]},
                allow_redirects=False,
            ):
                yield whole_characters(page.response.content.decode("utf-8"))
        except (requests.RequestException, ValueError) as failure:
            logging.getLogger(__name__).debug("%s %s failed", self.name, path, exc_info=True)
            raise self._explain(path, failure) from None
        finally:
            client.session.close()

    def _explain(self, path: str, failure: Exception) -> ApiError:
        if isinstance(failure, requests.HTTPError) and failure.response is not None:
            return self._explain_status(path, failure.response.status_code)
        tried = f"after {self.retries.attempts} attempts"
        if isinstance(failure, requests.Timeout):
            return ApiError(
                f"{self.name} {path} did not answer within {self.retries.read_seconds:g} s "
                f"{tried}: load again later, or raise the setting request_timeout."
            )
        if isinstance(failure, requests.exceptions.ChunkedEncodingError):
            return ApiError(f"{self.name} {path} broke off in mid-page {tried}: load again later.")
        if isinstance(failure, requests.ConnectionError):
            return ApiError(
                f"{self.name} {path} could not be reached at {urlsplit(self.base_url).netloc} "
                f"{tried}: check base_url, the network and the proxy."
            )
        if isinstance(failure, requests.exceptions.JSONDecodeError | UnicodeDecodeError):
            return ApiError(
                f"{self.name} {path} sent a page that is cut off or no JSON {tried}: "
                "load again later, and check base_url."
            )
        return ApiError(f"{self.name} {path}: {failure}; load again later, and check base_url.")

    def _explain_status(self, path: str, status: int) -> ApiError:
        where = f"{path} (HTTP {status})"
        if status == 401:
            return KeyRefusedError(
                f"{self.name} refused the admin key: {where}; {self.key_remedy}", status=status
            )
        if status == 403:
            return ApiError(
                f"{self.name} refused the admin key: {where} is closed to it; {self.key_remedy}",
                status=status,
            )
        if status in RETRY_STATUSES:
            what = "still limits the rate of" if status == 429 else "keeps failing at"
            tried = f"after {self.retries.attempts} attempts"
            message = f"{self.name} {what} {where} {tried}: load again later."
        elif status == 404:
            message = f"{self.name} has no {where}: check base_url."
        else:
            message = f"{self.name} rejected {where}: check base_url and the source's settings."
        return ApiError(message, status=status)


def open_session(retries: Retries, *, is_json: bool = True) -> Session:
    """Return a session that asks again, for answers that are JSON or anything."""
    session = Session(timeout=(CONNECT_SECONDS, retries.read_seconds), raise_for_status=False)
    send = partial(_send_bounded, session.send, seconds=PAGE_PATIENCE * retries.read_seconds)
    waits = wait_exponential_retry_after(
        multiplier=retries.backoff_seconds, max=retries.longest_wait_seconds
    )
    retrying = Retrying(
        wait=waits + wait_random(0, retries.backoff_seconds),
        stop=stop_after_attempt(retries.attempts),
        retry=retry_any(
            retry_if_status(RETRY_STATUSES),
            retry_if_exception_type(DEFAULT_RETRY_EXCEPTIONS),
            retry_if_predicate(_is_cut_off if is_json else lambda *_: False),
        ),
        reraise=True,
        # A page that stays cut off is handed on: reading it raises what explains it.
        retry_error_callback=lambda state: state.outcome.result(),  # type: ignore[union-attr]
    )
    session.send = retrying.wraps(send)  # type: ignore[method-assign]
    return session


def _send_bounded(
    send: Callable[..., requests.Response], request: Any, *, seconds: float, **options: Any
) -> requests.Response:
    """Return the whole answer; raise ValueError where it is longer than a page can be.

    A read time-out sees only silence: an answer that drips or floods would go on for ever.
    """
    response = send(request, **{**options, "stream": True})
    content, end = bytearray(), time.monotonic() + seconds
    for part in response.iter_content(1 << 16):
        content += part
        if len(content) > MOST_BYTES or time.monotonic() > end:
            response.close()
            raise ValueError(f"a page does not end after {len(content) >> 20:,} MiB")
    response._content = bytes(content)  # where requests itself keeps what it has read
    return response


def _is_cut_off(response: requests.Response | None, failure: BaseException | None) -> bool:
    """Return whether an answer that claims success holds no whole JSON object or list."""
    if failure is not None or response is None or not response.ok:
        return False
    try:
        return not isinstance(json.loads(response.content), dict | list)
    except ValueError:
        return True


def _raise_for_status(response: requests.Response, *_: Any, **__: Any) -> None:
    """Raise HTTPError without the answer's text, which may repeat the key."""
    if response.status_code >= 300:
        raise requests.HTTPError(f"HTTP {response.status_code}", response=response)
