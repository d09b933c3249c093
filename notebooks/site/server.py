"""The site: landing page, health and the apps, in one process on one port."""

import ipaddress
import logging
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import marimo
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from notebooks.lib import publication
from notebooks.site import landing, metrics
from notebooks.site.gate import LOOPBACK_HOSTS, Gate

# marimo's scripts, once for all apps, under an address that changes with its version.
ASSETS = f"/_m/{marimo.__version__}"
SESSION_SECONDS = 120
log = logging.getLogger(__name__)


class AddressError(Exception):
    """Nothing can listen there; the message says where, why and what to do."""


def create_app(
    home: Path, *, refresh_seconds: float = 30, hosts: Iterable[str] | None = LOOPBACK_HOSTS
) -> ASGIApp:
    """Return the site over one home; it answers to the given host names only (None: to any)."""
    home = Path(home)
    publication.configure(home=home, refresh_seconds=refresh_seconds)
    apps = landing.find_apps()
    served: list[BaseRoute] = []

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        """Close the sessions at the end: an open one keeps the process from leaving."""
        yield
        for route in served:
            state = getattr(getattr(route, "app", None), "state", None)
            if hasattr(state, "session_manager"):
                await state.session_manager.shutdown()

    site = FastAPI(
        title="Bursar", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan
    )
    _add_pages(site, home, apps)
    site.mount(ASSETS, StaticFiles(directory=Path(marimo.__file__).parent / "_static"))
    # Without skew protection: its token is a hash that differs after a restart unless the hash
    # seed is fixed, and then filters would change on the page while the figures do not.
    builder = marimo.create_asgi_app(
        quiet=True,
        include_code=False,
        asset_url=ASSETS,
        session_ttl=SESSION_SECONDS,
        skew_protection=False,
    )
    for app in apps:
        builder = builder.with_app(path=f"/{app.name}", root=str(app.path))
    notebooks = builder.build()
    served.extend(notebooks.routes)
    site.mount("/", notebooks)
    return Gate(GZipMiddleware(site, minimum_size=1_000), hosts=hosts, immutable=f"{ASSETS}/")


def _add_pages(site: FastAPI, home: Path, apps: list[landing.App]) -> None:
    @site.get("/", response_class=HTMLResponse)
    def index() -> str:
        return landing.render(home, apps)

    @site.get("/health")
    def health() -> dict[str, object]:
        return landing.state(home)

    @site.get("/metrics")
    def read_metrics() -> Response:
        return Response(metrics.render(home), media_type="text/plain; version=0.0.4")

    for app in apps:

        @site.get(f"/{app.name}", include_in_schema=False)
        def with_slash(request: Request) -> RedirectResponse:
            query = f"?{request.url.query}" if request.url.query else ""
            return RedirectResponse(f"{request.url.path}/{query}")


def is_loopback(host: str) -> bool:
    """Return whether an address to listen on is this machine's alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def check_address(host: str, port: int) -> None:
    """Raise AddressError where the host is unknown or the port taken or not allowed."""
    try:
        for family, *_, address in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            socket.create_server(address, family=family).close()
    except OSError as failure:
        raise AddressError(
            f"The site cannot listen on {host} port {port} ({failure.strerror}): "
            "give another --port or --host."
        ) from None


def serve(home: Path, host: str = "127.0.0.1", port: int = 8080) -> None:
    """Serve the site until interrupted; one process, since sessions live in its memory.

    Raises AddressError before it begins.
    """
    check_address(host, port)
    local = is_loopback(host)
    if not local:
        log.warning(
            "There is no sign-in yet: everyone who reaches %s port %s reads every figure. "
            "Use --host 127.0.0.1, or a proxy that asks who they are.",
            host,
            port,
        )
    uvicorn.run(
        create_app(home, hosts={host.lower(), *LOOPBACK_HOSTS} if local else None),
        host=host,
        port=port,
        workers=1,
        log_level="warning",
        access_log=False,  # addresses of websockets hold session ids
        server_header=False,
    )
