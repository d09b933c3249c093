"""A local HTTP server that answers as a test says: pages, faults, refused keys."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Call:
    """One request as it came."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    authorization: str


@dataclass
class SmallApi:
    """Answers while the context is open.

    An int from `answer` is a status without content; a pair is the answer and further headers.
    """

    answer: Callable[[Call], Any]
    key: str = ""
    """What the Authorization header has to be; anything else is a 401."""
    faults: list[int] = field(default_factory=list)
    """Statuses with which the next requests are answered."""
    calls: list[Call] = field(default_factory=list)
    open_paths: tuple[str, ...] = ()
    """Beginnings of paths that are answered without the key, such as signed links."""

    def __enter__(self) -> SmallApi:
        """Start serving."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """The address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def respond(self, call: Call) -> tuple[int, bytes, dict[str, str]]:
        """Return status, content and further headers of the answer to a request."""
        self.calls.append(call)
        is_open = any(call.path.startswith(path) for path in self.open_paths)
        if self.key and not is_open and call.authorization != self.key:
            return 401, b'{"error": "bad key"}', {}
        if self.faults:
            return self.faults.pop(0), b"{}", {}
        answer = self.answer(call)
        answer, headers = answer if isinstance(answer, tuple) else (answer, {})
        if isinstance(answer, int):
            return answer, b"{}", headers
        text = answer if isinstance(answer, str) else json.dumps(answer)
        return 200, text.encode(), headers


def _handler(api: SmallApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._respond(None)

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            self._respond(json.loads(self.rfile.read(length) or b"null"))

        def _respond(self, body: Any) -> None:
            parts = urlsplit(self.path)
            call = Call(
                self.command,
                parts.path,
                dict(parse_qsl(parts.query, keep_blank_values=True)),
                body,
                self.headers.get("Authorization") or "",
            )
            status, content, headers = api.respond(call)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            if status == 429:
                self.send_header("Retry-After", "0")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Write no access log."""

    return Handler
