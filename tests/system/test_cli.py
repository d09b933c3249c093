"""The `bursar` command: its exit codes, its sentences, its documents."""

from __future__ import annotations

import csv
import io
import json
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.build import Failure
from pipelines.cli import app
from pipelines.lake import Lake, read_units
from pipelines.reporting import Console, print_failures
from tests.litellm_logs import spend_log, write_logs
from tests.system.world import (
    ROOT,
    bursar,
    command,
    environment,
    fingerprint,
    link,
    one_sentence,
    query,
)

PROJECT = ("pipelines", "models", "macros", "seeds", "dbt_project.yml", "profiles.yml")
RULE = "              token classes add up:"
UNTRUE = "              nobody supports: \"team_id <> 'support'\""
CONTRADICTION = """
select team_id, billing_month, sum(billed_cost) as billed_cost
from {{ ref('cost_per_team_month') }}
where team_id = 'support'
group by team_id, billing_month
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a copy of the project whose models and tests a test may change."""
    folder = tmp_path / "project"
    folder.mkdir()
    for name in PROJECT:
        source, target = ROOT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    shutil.copytree(ROOT / "tests" / "dbt", folder / "tests" / "dbt")
    return folder


def test_a_refusing_audit_leaves_the_publication_and_shows_rows(
    copy: Path, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = fingerprint(copy)
    test = project / "tests" / "dbt" / "singular" / "assert_support_costs_nothing.sql"
    test.write_text(CONTRADICTION)
    described = project / "models" / "marts" / "cost" / "cost_per_team_month.yml"
    rules = described.read_text()
    assert rules.count(RULE) == 1
    described.write_text(rules.replace(RULE, f"{UNTRUE}\n{RULE}"))
    refused = bursar("build", "--json", home=copy, code=1, PYTHONPATH=str(project))
    assert fingerprint(copy) == before
    assert "error: assert_support_costs_nothing: " in refused.stderr
    [broken] = [line for line in refused.stderr.splitlines() if "team_month_rows_hold" in line]
    assert broken.endswith("the first: nobody supports.")
    assert "the last publication still stands" in refused.stderr
    failures = {failure["name"]: failure for failure in json.loads(refused.stdout)["refused"]}
    failure = failures["assert_support_costs_nothing"]
    assert sorted(failures) == ["assert_support_costs_nothing", "cost_per_team_month_rows_hold"]
    assert failure["columns"] == ["team_id", "billing_month", "billed_cost"]
    assert failure["rows"][0][0] == "support"
    print_failures(Console(as_json=False), [Failure(**failure)])
    printed = capsys.readouterr().out
    assert "team_id\tbilling_month\tbilled_cost" in printed
    assert "support\t" in printed


def test_a_damaged_lake_file_refuses_the_build_and_leaves_the_publication(copy: Path) -> None:
    before = fingerprint(copy)
    [path, *_] = sorted((copy / "lake" / "raw_focus" / "charges").rglob("*.parquet"))
    path.write_bytes(path.read_bytes()[:100])
    refused = bursar("build", "--full", home=copy, code=1)
    assert "Traceback" not in refused.stderr
    assert path.name in refused.stderr
    assert fingerprint(copy) == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["load", "nosuch"], "'nosuch'"),
        (["load", "openai"], "openai"),
        (["status"], "bursar run"),
        (["quarantine"], "bursar run"),
        (["sql", "select 1"], "bursar run"),
    ],
)
def test_wrong_usage_of_an_empty_home_is_one_sentence(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    done = bursar(*arguments, home=tmp_path / "home", code=2)
    assert said in one_sentence(done)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("BURSAR_HASH_IDENTIFIERS", "perhaps"),
        ("BURSAR_KEPT_PUBLICATIONS", "many"),
        ("SOURCES__FOCUS__RESTATED_BY", "moon"),
        ("BURSAR_ORG", "/nowhere/org"),
        ("BURSAR_LAKE", "foo://"),
        ("BURSAR_LAKE", "https://"),
    ],
)
def test_a_wrong_setting_is_named_and_nothing_is_built(
    tmp_path: Path, name: str, given: str
) -> None:
    home = tmp_path / "home"
    settings = {"SOURCES__FOCUS__FILES": "/nowhere/*.csv", name: given}
    sentence = one_sentence(bursar("run", home=home, code=2, **settings))
    assert given in sentence
    assert not link(home).exists()


def load_from(folder: Path, project: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Run `bursar load` of a checkout in a folder, as cron does in /."""
    settings = environment(PYTHONPATH=str(project))
    del settings["DLT_PROJECT_DIR"]
    return subprocess.run(
        command("load", home=home),
        env=settings,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )


def test_the_checkouts_settings_count_from_any_folder_that_has_none(
    tmp_path: Path, project: Path
) -> None:
    away = tmp_path / "away"
    (away / ".dlt").mkdir(parents=True)
    done = load_from(away, project, tmp_path / "first")
    [hint] = [line for line in done.stderr.splitlines() if "no source is configured: " in line]
    assert str(project) in hint
    for folder, name in ((project, "theirs"), (away, "own")):
        path = write_logs(tmp_path / f"{name}.jsonl", spend_log(name))
        (folder / ".dlt").mkdir(exist_ok=True)
        (folder / ".dlt" / "config.toml").write_text(f'[sources.litellm]\nfiles = "{path}"\n')
        done = load_from(away, project, tmp_path / name)
        assert "no source is configured" not in done.stderr
        [unit] = read_units(Lake(str(tmp_path / name / "lake")), "litellm")
        assert unit["location"] == str(path)


def test_a_home_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("no folder")
    assert str(tmp_path / "home") in one_sentence(bursar("run", home=tmp_path / "home", code=2))


@pytest.mark.parametrize("name", ["config.toml", "secrets.toml"])
@pytest.mark.parametrize(
    "text",
    [
        "[sources.openai]\nadmin_key = sk-hush\n",
        "sk-hush = 1\nsk-hush = 2\n",
        "é".encode("latin-1"),
    ],
)
@pytest.mark.parametrize("arguments", [["load"], ["run"], ["load", "openai"]])
def test_a_settings_file_that_is_no_toml_is_named_and_not_shown(
    tmp_path: Path, name: str, text: str | bytes, arguments: list[str]
) -> None:
    (tmp_path / ".dlt").mkdir()
    path = tmp_path / ".dlt" / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    done = bursar(*arguments, home=tmp_path / "home", code=2)
    assert f".dlt/{name}" in one_sentence(done)
    assert "hush" not in done.stdout + done.stderr


def test_serving_on_a_taken_port_or_an_unknown_host_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        sentence = one_sentence(bursar("serve", "--port", port, home=tmp_path / "home", code=2))
    assert port in sentence
    assert "--port" in sentence
    done = bursar("serve", "--host", "no such host", home=tmp_path / "home", code=2)
    assert "no such host" in one_sentence(done)


@pytest.mark.parametrize(
    "arguments", [["frobnicate"], ["demo", "--days", "3"], ["sql"], ["serve", "--port", "99999"]]
)
def test_wrong_arguments_exit_with_2(tmp_path: Path, arguments: list[str]) -> None:
    bursar(*arguments, home=tmp_path / "home", code=2)
    assert not (tmp_path / "home").exists()


def test_the_demo_does_not_touch_a_home_with_own_records(tmp_path: Path) -> None:
    (tmp_path / "home" / "lake").mkdir(parents=True)
    done = bursar("demo", "--days", "7", "--requests", "500", home=tmp_path / "home", code=2)
    assert "--home" in one_sentence(done)
    assert not (tmp_path / "home" / "demo").exists()


@pytest.mark.parametrize(
    "statement",
    [
        "create table cost (a int)",
        "delete from cost_per_team_month",
        "select * from read_csv('{file}')",
        "select * from read_text('{file}')",
        "select * from '{file}'",
        "copy publication to '{file}'",
        "attach '{file}' as other",
        "select 1; drop table publication",
        "set enable_external_access = true",
        "install httpfs",
        "selec 1",
        "select nothing from publication",
        "",
    ],
)
def test_sql_neither_writes_nor_reads_files(
    basic_world: Path, tmp_path: Path, statement: str
) -> None:
    file = tmp_path / "own.csv"
    file.write_text("secret\n1\n")
    before = fingerprint(basic_world)
    arguments = ["sql", statement.format(file=file), "--home", str(basic_world)]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 2, done.exception
    assert done.stderr.startswith("error: ")
    assert "secret" not in done.stdout
    assert file.read_text() == "secret\n1\n"
    assert fingerprint(basic_world) == before


def test_sql_prints_exact_money_in_every_format(basic_world: Path) -> None:
    statement = (
        "select billing_month, billed_cost, '=1+1' as formula from cost_per_team_month "
        "where billed_cost is not null order by all limit 3"
    )
    expected = query(link(basic_world), statement)
    money = [f"{row['billed_cost']:f}" for row in expected]
    for flags in (["--json"], ["--format", "json"]):
        rows = json.loads(bursar("sql", statement, *flags, home=basic_world).stdout)
        assert [row["billed_cost"] for row in rows] == money
        assert rows[0]["billing_month"] == expected[0]["billing_month"].isoformat()
    printed = bursar("sql", statement, "--format", "csv", home=basic_world).stdout
    cells = list(csv.DictReader(io.StringIO(printed)))
    assert [row["billed_cost"] for row in cells] == money
    assert {row["formula"] for row in cells} == {"'=1+1"}
    assert money[0] in bursar("sql", statement, home=basic_world).stdout


def test_status_gives_the_accounts_and_the_publication(basic_world: Path) -> None:
    document = json.loads(bursar("status", "--json", home=basic_world).stdout)
    [about] = query(link(basic_world), "select publication_id from publication")
    assert document["publication"]["publication_id"] == about["publication_id"]
    assert document["last_build"]["publication_id"] == about["publication_id"]
    sources = {row["source_name"]: row for row in document["sources"]}
    assert {"anthropic", "focus", "litellm", "openai", "org"} <= set(sources)
    for row in sources.values():
        parts = ("records_loaded", "records_quarantined", "records_duplicate")
        assert row["records_read"] == sum(row[name] for name in parts) > 0
    truths = json.loads((basic_world / "demo" / "truths.json").read_text())
    assert sources["litellm"]["records_read"] == sum(row["lines"] for row in truths["log_files"])
    assert sources["litellm"]["unpriced_tokens"] > 0
    assert about["publication_id"] in bursar("status", home=basic_world).stdout


def test_quarantine_lists_file_line_reason_and_remedy(basic_world: Path) -> None:
    document = json.loads(bursar("quarantine", "--json", home=basic_world).stdout)
    truths = json.loads((basic_world / "demo" / "truths.json").read_text())
    kinds = ("malformed_line", "missing_request_id")
    planted = [plant for plant in truths["plants"] if plant["kind"] in kinds]
    found = {
        (row["location"].split("/demo/")[1], row["source_line"], row["reason"])
        for row in document["quarantined_records"]
    }
    assert found == {(row["file"], row["line_number"], row["reason"]) for row in planted}
    assert all(row["remedy"] for row in document["quarantined_records"])
    printed = bursar("quarantine", home=basic_world).stdout
    assert all(plant["file"] in printed for plant in planted)


def test_what_a_first_load_refuses_is_listed_before_anything_is_published(tmp_path: Path) -> None:
    """And what is delivered again, mended, is listed no more."""
    home, logs = tmp_path / "home", tmp_path / "logs.jsonl"
    settings = {"SOURCES__LITELLM__FILES": str(logs)}
    write_logs(logs, spend_log(), spend_log(startTime="yesterday"))
    told = bursar("load", "litellm", home=home, **settings).stderr
    assert "`bursar quarantine` says which" in told

    def listed() -> list[tuple[str, int, str]]:
        document = json.loads(bursar("quarantine", "--json", home=home, **settings).stdout)
        return [
            (row["location"], row["source_line"], row["reason"])
            for row in document["quarantined_records"]
        ]

    assert listed() == [(str(logs), 2, "bad_timestamp")]
    write_logs(logs, spend_log(), spend_log("chatcmpl-2"))
    bursar("load", "litellm", home=home, **settings)
    assert listed() == []


def test_of_two_runs_at_once_the_second_names_the_first(copy: Path) -> None:
    first = subprocess.Popen(
        command("run", "--json", home=copy),
        env=environment(),
        cwd=copy.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    lock = copy / "run.lock"
    end = time.monotonic() + 60
    while lock.read_text() != str(first.pid) and time.monotonic() < end:
        time.sleep(0.01)
    second = bursar("run", home=copy, code=2)
    output, errors = first.communicate(timeout=300)
    sentence = one_sentence(second)
    assert f"process {first.pid}," in sentence
    assert str(copy) in sentence
    assert first.returncode == 0, errors
    assert json.loads(output)["build"]
