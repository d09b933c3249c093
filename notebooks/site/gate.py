"""The door of the site: who may talk to it, and with which headers it answers.

Pure ASGI, since a middleware for http alone would leave marimo's websocket open to everyone.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
# marimo's pages need inline scripts and workers; nothing may come from or go to another site.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' data: blob:; worker-src 'self' blob:; frame-src 'self' blob: data:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
# Lists files of the server with their full paths.
CLOSED_PATHS = ("/api/home/",)


class Gate:
    """Lets requests and websockets through that this site's own pages make."""

    def __init__(self, app: ASGIApp, *, hosts: Iterable[str] | None, immutable: str) -> None:
        """Wrap an app; hosts of None means any, files below `immutable` may be kept for ever."""
        self.app = app
        self.hosts = None if hosts is None else frozenset(hosts)
        self.immutable = immutable

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or websocket."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        sender = self._with_headers(scope["path"], send) if scope["type"] == "http" else send
        refusal = self._refusal(scope)
        if refusal is None:
            await self.app(scope, receive, sender)
        elif scope["type"] == "websocket":
            # Closing before accepting makes the server answer the handshake with 403.
            await send({"type": "websocket.close", "code": 1008, "reason": refusal})
        else:
            await PlainTextResponse(f"{refusal}\n", status_code=403)(scope, receive, sender)

    def _refusal(self, scope: Scope) -> str | None:
        """Return why the request is refused, None when it is not."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        # A foreign name that resolves to this machine (DNS rebinding) must not read it.
        if self.hosts is not None and host_name(host) not in self.hosts:
            return "Refused: this address is not one the site answers to."
        # marimo itself takes any origin, so other sites open in the browser could read along.
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            return "Refused: the request comes from another site."
        if any(part in scope["path"] for part in CLOSED_PATHS):
            return "Refused: not part of this site."
        return None

    def _with_headers(self, path: str, send: Send) -> Send:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers[name] = value
                for name in [key for key in headers if key.startswith("access-control-")]:
                    del headers[name]
                if path.startswith(self.immutable) and message["status"] == 200:
                    headers["cache-control"] = "public, max-age=31536000, immutable"
                else:  # figures, and downloads that marimo would let browsers keep for a day
                    headers["cache-control"] = "private, no-store"
            await send(message)

        return send_with_headers


def host_name(host: str) -> str:
    """Return the name in a Host header, without its port."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
