"""What a run says to machines: lines of JSON, traces, and no secret in either."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import duckdb
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from pipelines.demo.server import OPENAI_KEY, Fault, ProviderServer
from tests.litellm_logs import PLAIN_KEY, PROMPT, spend_log, write_logs
from tests.system.world import bursar, one_sentence

pytestmark = pytest.mark.slow

LOG = {"BURSAR_LOG_FORMAT": "json", "BURSAR_LOG_LEVEL": "debug"}


@contextmanager
def collector() -> Iterator[tuple[str, list]]:
    """Take traces as an OpenTelemetry collector does; yield its address and the spans it got."""
    spans: list = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.path == "/v1/traces"
            request = ExportTraceServiceRequest.FromString(body)
            for resource in request.resource_spans:
                for scope in resource.scope_spans:
                    spans.extend(scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", spans
        server.shutdown()


def everything_in(home: Path) -> str:
    """Return the text of every file of a home: tables by their rows, the rest by its bytes."""
    texts = []
    for path in home.rglob("*"):
        if not path.is_file() or path.is_symlink():
            continue
        if path.suffix == ".parquet":
            texts.append(str(duckdb.sql(f"select * from read_parquet('{path}')").fetchall()))
        elif path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as connection:
                tables = connection.sql(
                    "select format('{}.{}', schema_name, table_name) from duckdb_tables()"
                ).fetchall()
                texts += [str(connection.sql(f"from {table}").fetchall()) for (table,) in tables]
        texts.append(path.read_bytes().decode("latin-1"))
    return "\n".join(texts)


def test_no_secret_prompt_or_response_is_logged_or_stored(world: Path, tmp_path: Path) -> None:
    salt, password, wrong_key = (secrets.token_hex(12) for _ in range(3))
    bad = spend_log("chatcmpl-2", total_tokens="many")
    broken = f'{{"prompt": "{PROMPT}", "api_key": "{PLAIN_KEY}'
    write_logs(tmp_path / "log.jsonl", spend_log(), bad, broken)
    faults = [Fault("server_error", path="/usage/completions", times=99)]
    with ProviderServer(world / "demo", faults=faults) as server:
        settings = {
            **LOG,
            "BURSAR_SALT": salt,
            "SOURCES__LITELLM__FILES": str(tmp_path / "log.jsonl"),
            "SOURCES__LITELLM__DATABASE_URL": f"postgresql://proxy:{password}@127.0.0.1:9/litellm",
            "SOURCES__OPENAI__BASE_URL": server.openai_url,
            "SOURCES__OPENAI__ADMIN_KEY": OPENAI_KEY,
            "SOURCES__OPENAI__START_DATE": "2026-11-01",
            "SOURCES__OPENAI__REQUEST_ATTEMPTS": "2",
            "SOURCES__OPENAI__REQUEST_BACKOFF_MS": "10",
            "SOURCES__ANTHROPIC__BASE_URL": server.anthropic_url,
            "SOURCES__ANTHROPIC__ADMIN_KEY": wrong_key,
        }
        home = tmp_path / "home"
        settings["DBT_LOG_LEVEL_FILE"] = "debug"
        done = bursar("run", "--json", home=home, code=3, **settings)
    assert (home / "warehouse" / "logs" / "dbt.log").stat().st_size > 100_000
    said = f"{done.stdout}\n{done.stderr}"
    assert "/usage/completions" in said  # the faults were met and told
    assert "127.0.0.1:9" in said
    assert "refused the admin key" in said
    assert json.loads(done.stdout)["loaded"]
    check_lines(done.stderr)
    found = said + everything_in(home)
    people = ("ann@example.com", "user:pw", "sk-1")
    for secret in (salt, password, wrong_key, OPENAI_KEY, PLAIN_KEY, PROMPT, *people):
        assert secret not in found


def check_lines(stderr: str) -> None:
    """Hold every line to its form, and look for the counts, the warning and the faults."""
    lines = [json.loads(line) for line in stderr.splitlines()]
    assert all({"time", "level", "message"} <= line.keys() for line in lines)
    [built] = [line for line in lines if line["message"] == "built"]
    assert (built["state"], built["level"]) == ("published", "info")
    assert built["models"] > 50
    [warning] = [line["message"] for line in lines if line["level"] == "warning"]
    assert warning.startswith("litellm: 2 of 3 records quarantined: `bursar quarantine` says")
    assert len([line for line in lines if line["level"] == "error"]) >= 3


def test_a_refused_command_is_a_line_of_json(copy: Path) -> None:
    refused = bursar("load", "nosuch", home=copy, code=2, **LOG)
    [error] = [json.loads(line) for line in refused.stderr.splitlines()]
    assert error["level"] == "error"
    assert "nosuch" in error["message"]


def test_a_setting_that_is_no_choice_is_one_sentence(tmp_path: Path) -> None:
    done = bursar("status", home=tmp_path / "home", code=2, BURSAR_LOG_FORMAT="xml")
    assert one_sentence(done) == "error: BURSAR_LOG_FORMAT is 'xml': give text or json."


def test_a_run_is_traced_where_a_collector_is_named(copy: Path) -> None:
    with collector() as (address, spans):
        bursar("build", "--full", home=copy, OTEL_EXPORTER_OTLP_ENDPOINT=address)
        bursar("load", "litellm", home=copy, OTEL_EXPORTER_OTLP_ENDPOINT=address)
        bursar("rollback", "nosuch", home=copy, code=2, OTEL_EXPORTER_OTLP_ENDPOINT=address)
    named = {}
    for span in spans:
        named.setdefault(span.name, []).append(span)
    [load] = named["load litellm"]
    counts = {item.key: item.value.int_value for item in load.attributes}
    # The copy's files lie under another path, so they are read again, all of them duplicates.
    assert counts["bursar.records_read"] > 1000
    assert counts["bursar.faults"] == 0
    [command], [build] = named["bursar build"], named["build"]
    assert build.parent_span_id == command.span_id
    assert {span.parent_span_id for span in named["dbt model"]} == {build.span_id}
    assert len(named["dbt test"]) > 100
    assert command.status.code != Status.STATUS_CODE_ERROR
    assert named["bursar rollback"][0].status.code == Status.STATUS_CODE_ERROR
    assert min(span.start_time_unix_nano for span in named["dbt model"]) > (
        build.start_time_unix_nano
    )
