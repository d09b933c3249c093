"""Pages that name the next one in a Link header, and files behind links that an API hands out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests
from dlt.sources.helpers.rest_client.paginators import BasePaginator

from pipelines.sources.rest import LOOPBACK, MOST_PAGES, ApiError, Retries, open_session


class LinkPaginator(BasePaginator):
    """Follows `Link: <…>; rel="next"`, on the host that was asked and no other."""

    def __init__(self, *, records: str = "") -> None:
        """Take where the answer holds its list; empty: it is the list."""
        super().__init__()
        self._records = records
        self._next = ""
        self._seen: set[str] = set()

    def update_state(self, response: requests.Response, data: list[Any] | None = None) -> None:
        """Read the link; raise ValueError where pages would be lost, or the key would leave."""
        body = response.json()
        found = body.get(self._records) if self._records and isinstance(body, dict) else body
        if not isinstance(found, list):
            raise ValueError(f"the page holds no list {self._records}".rstrip())
        self._next = response.links.get("next", {}).get("url", "")
        self._has_next_page = bool(self._next)
        if not self._next:
            return
        here, there = urlsplit(response.url), urlsplit(self._next)
        if (here.scheme, here.netloc) != (there.scheme, there.netloc):
            raise ValueError("the next page is on another host, which must not see the key")
        if self._next in self._seen:
            raise ValueError("the pages go round in a circle")
        self._seen.add(self._next)
        if len(self._seen) == MOST_PAGES:
            raise ValueError(f"the pages do not end after {MOST_PAGES:,}")

    def update_request(self, request: requests.Request) -> None:
        """Ask for the next page: its address holds all parameters."""
        request.url, request.params = self._next, {}


def download(link: str, *, name: str, retries: Retries) -> str:
    """Return the text behind a signed link, asked without any key; raise ApiError."""
    parts = urlsplit(link)
    is_own = parts.scheme == "http" and parts.hostname in LOOPBACK
    if not (is_own or (parts.scheme == "https" and parts.hostname)):
        raise ApiError(f"{name} gave a link that is not https://: report it if it stays so.")
    session = open_session(retries, is_json=False)
    try:
        response = session.get(link)
        text = response.content.decode("utf-8") if response.ok else ""
    except (requests.RequestException, ValueError) as failure:
        raise ApiError(
            f"{name}: the file behind its link could not be read ({type(failure).__name__}) "
            f"after {retries.attempts} attempts: load again later."
        ) from None
    finally:
        session.close()
    if not response.ok:
        # The address is a key to the file: it is never shown.
        raise ApiError(
            f"{name}: the file behind its link is refused (HTTP {response.status_code}): "
            "load again later."
        )
    return text
