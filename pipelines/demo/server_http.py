"""HTTP of the local provider server: keys, status codes, and the faults that tests put in."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Protocol
from urllib.parse import parse_qs, urlsplit

from pipelines.demo.server_records import BadRequestError, encode_cursor, render

OPENAI_KEY = "sk-admin-demo"
ANTHROPIC_KEY = "sk-ant-admin-demo"
Query = dict[str, list[str]]


@dataclass
class Fault:
    """Something that goes wrong on requests whose path contains `path`, `times` times."""

    kind: Literal[
        "rate_limit", "server_error", "hang", "truncated", "cut_json", "forbidden",
        "endless_pages", "endless_page", "renamed",
    ]  # fmt: skip
    path: str = ""
    times: int = 1
    seconds: float = 1
    """Retry-After of rate_limit, or how long a hang lasts."""
    after: int = 0
    """How many matching requests go well before."""


class Provider(Protocol):
    """What answers the requests."""

    requests: list[tuple[str, Query]]

    def take_fault(self, path: str) -> Fault | None:
        """Return the fault that this request meets."""

    def wait(self, seconds: float) -> None:
        """Hang."""

    def answer(self, path: str, query: Query, body: Any = None) -> Any | None:
        """Return the answer, None where there is no such path."""


class HttpServer(ThreadingHTTPServer):
    """Serves a provider."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, provider: Provider) -> None:
        """Listen on a free port of loopback for what the provider answers."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.provider = provider

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent about clients that hang up: a time-out is theirs to report."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: HttpServer

    def do_POST(self) -> None:
        """Answer one request that brings its parameters in its body."""
        length = int(self.headers.get("Content-Length") or 0)
        self._answer(json.loads(self.rfile.read(length) or b"null"))

    def do_GET(self) -> None:
        """Answer one request."""
        self._answer(None)

    def _answer(self, body: Any) -> None:
        provider, parts = self.server.provider, urlsplit(self.path)
        query = parse_qs(parts.query, keep_blank_values=True)
        provider.requests.append((parts.path, query))
        refused = self._refusal(parts.path)
        if refused:
            self._send(*refused)
            return
        fault = provider.take_fault(parts.path)
        if fault and self._fail(fault):
            return
        try:
            given = () if body is None else (body,)
            answer = provider.answer(parts.path, query, *given)
        except BadRequestError as failure:
            self._send(400, _error("invalid_request_error", str(failure)))
            return
        if answer is None:
            self._send(404, _error("not_found_error", "there is no such path"))
            return
        if fault and fault.kind == "endless_pages" and isinstance(answer, dict):
            answer |= {"has_more": True, "next_page": encode_cursor(len(provider.requests))}
        self._send(200, render(answer), fault=fault)

    def log_message(self, *_: Any) -> None:
        """Write no access log: the demo's terminal belongs to the run."""

    def _refusal(self, path: str) -> tuple[int, bytes] | None:
        if path.startswith("/v1/organizations/"):
            if self.headers.get("x-api-key") != ANTHROPIC_KEY:
                return 401, _error("authentication_error", "invalid x-api-key")
            if not self.headers.get("anthropic-version"):
                return 400, _error("invalid_request_error", "anthropic-version: header is required")
            if "=speed" in self.path and not self.headers.get("anthropic-beta"):
                return 400, _error("invalid_request_error", "speed: needs anthropic-beta")
        elif path.startswith("/parts/"):
            if not self.headers.get("Authorization") and not self.headers.get("x-api-key"):
                return 401, _error("authentication_error", "no key")
        elif self.headers.get("Authorization") != f"Bearer {OPENAI_KEY}":
            return 401, _error("invalid_request_error", "Incorrect API key provided")
        return None

    def _fail(self, fault: Fault) -> bool:
        """Answer with the fault; return whether that was all."""
        answers: dict[str, Callable[[], None]] = {
            "rate_limit": lambda: self._send(
                429, _error("rate_limit_error", "slow down"), {"Retry-After": f"{fault.seconds:g}"}
            ),
            "server_error": lambda: self._send(500, _error("api_error", "try again")),
            "forbidden": lambda: self._send(403, _error("permission_error", "missing scope")),
            "hang": lambda: self.server.provider.wait(fault.seconds),
            "endless_page": self._send_without_end,
        }
        if fault.kind not in answers:
            return False
        answers[fault.kind]()
        self.close_connection = fault.kind in ("hang", "endless_page")
        return True

    def _send_without_end(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b'{"object": "page", "data": [')
        while True:  # until the client hangs up
            self.wfile.write(b" " * (1 << 20))

    def _send(
        self,
        status: int,
        body: bytes,
        headers: dict[str, str] | None = None,
        *,
        fault: Fault | None = None,
    ) -> None:
        if fault and fault.kind == "cut_json":
            body = body[: len(body) // 2]
        if fault and fault.kind == "renamed":
            whole = body
            body = re.sub(rb'"(amount|input_tokens|uncached_input_tokens)"', rb'"new_\1"', body)
            # An empty page has nothing to rename: the fault is still to be met.
            fault.times += body == whole
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if fault and fault.kind == "truncated":
            body = body[: len(body) // 2]
            self.close_connection = True
        self.wfile.write(body)


def _error(kind: str, message: str) -> bytes:
    return json.dumps({"error": {"type": kind, "message": message}}).encode()
