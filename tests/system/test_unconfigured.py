"""A build needs no source: what is not configured reads as empty, and the rest adds up."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.demo.generate import generate
from pipelines.demo.server import ProviderServer
from pipelines.load import NEED_NO_SETTING
from tests.demo_files import Demo
from tests.pipelines.samples import sample, write_sample
from tests.system.world import END, bursar, link, table_names, totals, value

pytestmark = pytest.mark.slow

COST = """
    select service_provider_name, billing_month::varchar, sum(billed_cost)
    from cost_per_team_month where billed_cost is not null group by all
"""
REQUESTS = (
    "select coalesce(sum(request_count), 0) from tokens_per_model_day where observed_by = 'gateway'"
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    from datetime import date

    folder = tmp_path_factory.mktemp("unconfigured") / "demo"
    generate(folder, days=10, requests=600, seed=9, end=date.fromisoformat(END), basic=True)
    return Demo(folder)


def _invoices(demo: Demo, *providers: str) -> dict[tuple[str, str], Decimal]:
    found: dict[tuple[str, str], Decimal] = {}
    for row in demo.truths["invoices"]:
        if row["service_provider_name"] in providers:
            found[row["service_provider_name"], row["billing_month"]] = Decimal(row["billed_cost"])
    return found


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_a_home_without_any_source_publishes_empty_marts(home: Path) -> None:
    bursar("run", home=home)
    assert totals(link(home), COST) == {}
    assert value(link(home), REQUESTS) == 0
    assert value(link(home), "select count(*) from dim_prices") > 1000
    assert "shadow_spend_month" in table_names(link(home))
    status = json.loads(bursar("status", "--json", home=home).stdout)
    assert {row["source_name"] for row in status["sources"]} <= {*NEED_NO_SETTING}
    assert status["publication"]["data_complete_to"] is None


def test_a_source_that_is_set_later_joins_what_was_built_without_it(home: Path) -> None:
    bursar("run", home=home)
    path = write_sample("portkey", home.parent / "portkey.jsonl")
    bursar("run", home=home, SOURCES__PORTKEY__FILES=str(path))
    assert value(link(home), REQUESTS) == len(sample("portkey"))


def test_gateway_logs_alone(home: Path, demo: Demo) -> None:
    bursar("run", home=home, SOURCES__LITELLM__FILES=str(demo.folder / "litellm"))
    truth = demo.truths["gateway_requests"]
    assert value(link(home), REQUESTS) == sum(truth.values())
    assert totals(link(home), COST) == {}
    # Without a bill a team still sees what it used, and what that would cost.
    used = "select sum(request_count) from cost_per_team_month"
    assert value(link(home), used) >= truth["answered"]
    assert value(link(home), "select sum(estimated_cost) from cost_per_team_month") > 0
    assert value(link(home), "select count(*) from shadow_spend_month") == 0


def test_an_openai_bill_alone(home: Path, demo: Demo) -> None:
    with ProviderServer(demo.folder) as server:
        bursar(
            "run",
            home=home,
            SOURCES__OPENAI__BASE_URL=server.openai_url,
            SOURCES__OPENAI__ADMIN_KEY="sk-admin-demo",
            SOURCES__OPENAI__START_DATE=demo.truths["window"]["start"],
            SOURCES__OPENAI__ORGANIZATION_ID="org-demo",
        )
    assert totals(link(home), COST) == _invoices(demo, "OpenAI")
    unowned = "select sum(billed_cost) filter (team_id <> 'unallocated') from cost_per_team_month"
    assert value(link(home), unowned) is None


def test_focus_bills_alone_while_another_source_fails(home: Path, demo: Demo) -> None:
    done = bursar(
        "run",
        home=home,
        code=3,
        SOURCES__FOCUS__FILES=str(demo.folder / "focus"),
        SOURCES__OPENAI__BASE_URL="http://127.0.0.1:9/v1",
        SOURCES__OPENAI__ADMIN_KEY="sk-admin-secret",
        SOURCES__OPENAI__START_DATE=demo.truths["window"]["start"],
        SOURCES__OPENAI__REQUEST_BACKOFF_MS="10",
        SOURCES__OPENAI__REQUEST_TIMEOUT="2",
    )
    assert totals(link(home), COST) == _invoices(demo, "Microsoft", "Nimbus Notes")
    faults = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert faults
    assert all(line.startswith("error: OpenAI ") for line in faults)
    assert "sk-admin-secret" not in done.stdout + done.stderr


def test_a_decision_about_nothing_that_is_known_is_named_and_the_rest_goes_on(home: Path) -> None:
    for name in ("org", "policy"):
        (home.parent / name).mkdir()
    (home.parent / "org" / "teams.csv").write_text(
        "team_id,team_name,cost_center_id,parent_team_id,valid_from,valid_to\nsales,Sales,,,,\n"
    )
    path = home.parent / "policy" / "ai_service_decisions.csv"
    ends = "ann,2026-05-01,why"
    path.write_text(
        "ai_service_id,finding_kind,team_id,plan_name,decision,valid_from,valid_to,"
        "decided_by,decided_on,reason\n"
        f"chatgpt,,sales,,sanctioned,,,{ends}\nchatgtp,,,,sanctioned,,,{ends}\n"
        f"chatgpt,,sails,,sanctioned,,,{ends}\nchatgpt,,,tema,sanctioned,,,{ends}\n"
    )
    settings = {"BURSAR_ORG": str(home.parent / "org"), "BURSAR_POLICY": str(path.parent)}
    loaded = bursar("load", "org", home=home, **settings)
    assert "no source is configured" not in loaded.stdout + loaded.stderr
    done = bursar("run", home=home, **settings)
    said = [line for line in done.stderr.splitlines() if line.startswith("warning: ")]
    assert [line.split(" decides nothing: ")[0] for line in said] == [
        f"warning: {path} line {number}" for number in (3, 4, 5)
    ]
    for line, word in zip(said, ("'chatgtp'", "'sails'", "'tema'"), strict=True):
        assert word in line
        assert "mend" in line
    assert value(link(home), "select count(*) from dim_ai_service_decisions") == 4


def test_what_is_said_of_a_statement_that_nobody_has_is_named(home: Path) -> None:
    folder = home.parent / "policy"
    folder.mkdir()
    (folder / "statement_acceptances.csv").write_text(
        "billing_month,team_id,billing_currency,acceptance_state,statement_cost,disputed_cost,"
        "service_name,decided_by,decided_on,reason\n"
        "2026-05-01,sales,USD,accepted,5,,,ann,2026-06-01,\n"
    )
    done = bursar("run", home=home, BURSAR_POLICY=str(folder))
    [said] = [line for line in done.stderr.splitlines() if line.startswith("warning: ")]
    assert "statement_acceptances.csv line 2 decides nothing: 'sales' has no statement" in said
