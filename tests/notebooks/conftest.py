"""A small publication, and a site that serves it to a real browser."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright
from published import WAIT, Site, publish

from notebooks.site.server import create_app
from tests.chromium import QUIET, chromium_path


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """Return a publication whose open month has twenty complete days."""
    complete_to = datetime(2026, 10, 21, tzinfo=UTC)
    return publish(tmp_path, "first", published_at=complete_to, data_complete_to=complete_to)


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def serve() -> Iterator[Callable[[Path], Site]]:
    """Serve homes with a real server in a thread, looking for publications every second."""
    servers: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(home: Path) -> Site:
        port = free_port()
        app = create_app(home, refresh_seconds=1)
        server = uvicorn.Server(
            uvicorn.Config(app, port=port, log_level="error", timeout_graceful_shutdown=2)
        )
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        deadline = time.monotonic() + 20
        while not server.started:
            assert time.monotonic() < deadline, "the server did not start within 20 s"
            time.sleep(0.05)
        servers.append((server, thread))
        return Site(home, f"http://127.0.0.1:{port}", lambda *a, **k: publish(home, *a, **k))

    yield start
    for server, thread in servers:
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture
def site(tmp_path: Path, serve: Callable[[Path], Site]) -> Site:
    """Return a site with a fresh publication."""
    publish(tmp_path, "first")
    return serve(tmp_path)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a file."""
    with sync_playwright() as playwright:
        path = chromium_path(playwright.chromium.executable_path)
        launched = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Yield a page in a profile of its own, tall enough for a whole app."""
    context = browser.new_context(viewport={"width": 1400, "height": 6400})
    opened = context.new_page()
    opened.set_default_timeout(WAIT)
    yield opened
    context.close()
