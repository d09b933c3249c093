"""The site answers its own pages only, and says what is published."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from published import Site
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from notebooks.site import landing, metrics, server

SOCKET = "/cost_overview/ws?session_id=s_abc123&kiosk=false"


def websocket_address(site: Site) -> str:
    return site.address.replace("http", "ws") + SOCKET


def test_a_websocket_from_another_site_is_refused(site: Site) -> None:
    for origin in ("http://evil.example", "null", site.address.replace("http", "http://evil.")):
        with (
            pytest.raises(InvalidStatus) as refused,
            connect(websocket_address(site), origin=origin),
        ):
            pass
        assert refused.value.response.status_code == 403


def test_a_websocket_from_the_site_itself_is_served(site: Site) -> None:
    requests.get(f"{site.address}/cost_overview/")
    with connect(websocket_address(site), origin=site.address) as open_socket:
        assert open_socket.recv(timeout=20)


@pytest.mark.parametrize("path", ["/", "/health", "/cost_overview/", "/cost_overview/api/status"])
def test_a_request_from_another_site_is_refused(site: Site, path: str) -> None:
    answer = requests.get(site.address + path, headers={"origin": "http://evil.example"})
    assert answer.status_code == 403


def test_a_foreign_name_for_this_machine_is_refused(site: Site) -> None:
    headers = {"host": "evil.example:8080"}
    assert requests.get(f"{site.address}/", headers=headers).status_code == 403
    assert requests.get(f"{site.address}/", headers={"host": "localhost"}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/cost_overview/", "/health"])
def test_every_page_carries_the_security_headers(site: Site, path: str) -> None:
    headers = requests.get(site.address + path).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "private, no-store"
    assert not [name for name in headers if name.startswith("access-control-")]


def test_scripts_are_kept_by_browsers_and_compressed(site: Site) -> None:
    page = requests.get(f"{site.address}/cost_overview/").text
    start = page.index(f"{server.ASSETS}/assets/index-")
    script = page[start : page.index(".js", start) + 3]
    answer = requests.get(site.address + script, headers={"accept-encoding": "gzip"})
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    missing = requests.get(f"{site.address}{server.ASSETS}/assets/none.js")
    assert (missing.status_code, missing.headers["cache-control"]) == (404, "private, no-store")


def test_the_servers_files_are_not_listed(site: Site) -> None:
    for method in ("GET", "POST"):
        answer = requests.request(
            method, f"{site.address}/cost_overview/api/home/workspace_files", json={}
        )
        assert answer.status_code == 403


def test_code_of_the_app_is_not_in_the_page(site: Site) -> None:
    assert "version_watch" not in requests.get(f"{site.address}/cost_overview/").text


def test_health_tells_the_publication(site: Site) -> None:
    found = requests.get(f"{site.address}/health").json()
    assert (found["status"], found["publication_id"]) == ("ok", "first")
    site.publish("second", published_at=datetime.now(UTC) - timedelta(hours=40))
    found = requests.get(f"{site.address}/health").json()
    assert (found["status"], found["publication_id"]) == ("stale", "second")
    assert "40 hours" in found["reasons"][0]


def test_without_a_publication_the_pages_say_what_to_run(
    tmp_path: Path, serve: Callable[[Path], Site]
) -> None:
    site = serve(tmp_path)
    assert requests.get(f"{site.address}/health").json()["status"] == "nothing_published"
    assert "bursar demo" in requests.get(f"{site.address}/").text


def test_an_address_without_its_slash_keeps_the_filters(site: Site) -> None:
    answer = requests.get(f"{site.address}/cost_overview?month=2026-09", allow_redirects=False)
    assert answer.headers["location"] == "/cost_overview/?month=2026-09"


def test_a_new_notebook_is_an_app_and_its_texts_are_escaped(tmp_path: Path) -> None:
    (tmp_path / "b.py").write_text('"""Says <b>this</b>."""\napp = App(app_title="<i>Bee</i>")\n')
    (tmp_path / "_no.py").write_text("raise SystemExit\n")
    apps = landing.find_apps(tmp_path)
    assert [(app.name, app.title, app.summary) for app in apps] == [
        ("b", "<i>Bee</i>", "Says <b>this</b>.")
    ]
    page = landing.render(tmp_path, apps)
    assert "&lt;i&gt;Bee" in page
    assert "<i>Bee" not in page


def test_another_address_than_loopback_warns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    started: list[dict[str, object]] = []
    monkeypatch.setattr(server.uvicorn, "run", lambda app, **options: started.append(options))
    server.serve(tmp_path)
    assert started[-1]["host"] == "127.0.0.1"
    assert not caplog.records
    server.serve(tmp_path, host="0.0.0.0")
    assert "no sign-in" in caplog.text


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("x.org", False)],
)
def test_loopback_is_told_from_the_rest(host: str, local: bool) -> None:
    assert server.is_loopback(host) is local


def test_metrics_are_prometheus_and_agree_with_the_publication(site: Site) -> None:
    from prometheus_client.parser import text_string_to_metric_families

    answer = requests.get(f"{site.address}/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    families = {item.name: item for item in text_string_to_metric_families(answer.text)}
    assert families["bursar_published"].samples[0].value == 1
    health = requests.get(f"{site.address}/health").json()
    assert families["bursar_stale"].samples[0].value == float(health["status"] == "stale")
    records = {
        (sample.labels["source"], sample.labels["outcome"]): sample.value
        for sample in families["bursar_source_records"].samples
    }
    assert {outcome for _, outcome in records} == {"loaded", "quarantined", "duplicate"}
    assert all(value >= 0 for value in records.values())


def test_metrics_say_that_nothing_is_published(tmp_path: Path) -> None:
    assert b"bursar_published 0.0" in metrics.render(tmp_path)
