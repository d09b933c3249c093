"""28,185 real requests of the Azure LLM traces, as the LiteLLM logs of two teams: exact sums."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.config import load_settings
from pipelines.load import LoadReport
from pipelines.run import run_all

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "azure_llm"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data at {DATA}")

MODEL = "gpt-4o-2024-08-06"
INPUT_PRICE, OUTPUT_PRICE = Decimal("1.37"), Decimal("7.11")
TEAMS = {"code": "Code assistants", "conv": "Conversations"}
# The traces span an hour; an offset spreads one of them over midnight and thus over two days.
SHIFTS = {"code": timedelta(0), "conv": timedelta(hours=5, minutes=20)}


@dataclass(frozen=True)
class Call:
    """One request of a trace, at the moment the log says."""

    team_id: str
    number: int
    moment: datetime
    context_tokens: int
    generated_tokens: int

    @property
    def key(self) -> tuple[str, str]:
        """The team and day it counts for."""
        return self.team_id, self.moment.date().isoformat()

    def record(self) -> dict[str, object]:
        """Return it as LiteLLM would log it."""
        return {
            "request_id": f"azure-{self.team_id}-{self.number}",
            "call_type": "acompletion",
            "api_key": f"key-of-{self.team_id}",
            "team_id": self.team_id,
            "startTime": f"{self.moment:%Y-%m-%d %H:%M:%S.%f}",
            "endTime": f"{self.moment + timedelta(seconds=1):%Y-%m-%d %H:%M:%S.%f}",
            "model": MODEL,
            "model_group": MODEL,
            "custom_llm_provider": "openai",
            "prompt_tokens": self.context_tokens,
            "completion_tokens": self.generated_tokens,
            "total_tokens": self.context_tokens + self.generated_tokens,
            "spend": 0.0,
            "status": "success",
            "metadata": "{}",
            "messages": "{}",
            "response": "{}",
        }


def calls(team_id: str) -> Iterator[Call]:
    """Yield the requests of one trace."""
    with gzip.open(DATA / f"AzureLLMInferenceTrace_{team_id}.csv.gz", "rt", newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            # Seven decimals in the trace, six in a timestamp.
            moment = datetime.fromisoformat(row["TIMESTAMP"][:26]) + SHIFTS[team_id]
            tokens = int(row["ContextTokens"]), int(row["GeneratedTokens"])
            yield Call(team_id, number, moment, *tokens)


def write_organisation(folder: Path) -> None:
    """Write two teams and one negotiated price."""
    (folder / "org").mkdir(parents=True)
    (folder / "pricing").mkdir()
    teams = "".join(f"{team},{name},,,,\n" for team, name in TEAMS.items())
    header = "team_id,team_name,cost_center_id,parent_team_id,valid_from,valid_to\n"
    (folder / "org" / "teams.csv").write_text(header + teams)
    prices = "".join(
        f"OpenAI,{MODEL},{name},standard,,{price},USD,2023-01-01,,test,\n"
        for name, price in (("input_uncached", INPUT_PRICE), ("output", OUTPUT_PRICE))
    )
    columns = (
        "service_provider_name,model_name,token_class,service_tier,context_tier,"
        "unit_price_per_million,currency,valid_from,valid_to,reason,source_url\n"
    )
    (folder / "pricing" / "overrides.csv").write_text(columns + prices)


@dataclass(frozen=True)
class Replayed:
    """The trace as it is and what was published of it."""

    calls: list[Call]
    report: LoadReport
    publication: Path

    def rows(self, sql: str) -> list[tuple]:
        """Return rows of the publication."""
        with duckdb.connect(str(self.publication), read_only=True) as connection:
            return connection.sql(sql).fetchall()


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Replayed:
    folder = tmp_path_factory.mktemp("azure")
    write_organisation(folder)
    (folder / "logs").mkdir()
    found = {team: list(calls(team)) for team in TEAMS}
    for team, records in found.items():
        with gzip.open(folder / "logs" / f"{team}.jsonl.gz", "wt", compresslevel=1) as file:
            file.writelines(json.dumps(call.record()) + "\n" for call in records)
    home = folder / "home"
    overrides = {
        "bursar.org": str(folder / "org"),
        "bursar.pricing": str(folder / "pricing"),
        "bursar.lake": str(home / "lake"),
        "sources.litellm.files": str(folder / "logs" / "*.jsonl.gz"),
        "sources.litellm.database_url": None,
    }
    report = run_all(load_settings(home, overrides), lambda *_: None)
    assert report.faults == []
    [loaded] = [load for load in report.loads if load.source_name == "litellm"]
    return Replayed([*found["code"], *found["conv"]], loaded, home / "warehouse" / "bursar.duckdb")


def test_every_request_of_the_traces_is_loaded(replayed: Replayed) -> None:
    assert len(replayed.calls) == 28_185
    report = replayed.report
    assert (report.records_read, report.records_loaded) == (28_185, 28_185)
    accounts = """
        select sum(records_read), sum(records_loaded), sum(records_quarantined + records_duplicate)
        from load_unit_accounts where source_name = 'litellm'
    """
    assert replayed.rows(accounts) == [(28_185, 28_185, 0)]


def test_requests_and_tokens_of_each_team_and_day_agree(replayed: Replayed) -> None:
    requests, context, generated = Counter(), Counter(), Counter()
    for call in replayed.calls:
        requests[call.key] += 1
        context[call.key] += call.context_tokens
        generated[call.key] += call.generated_tokens
    expected = {key: (requests[key], context[key], generated[key]) for key in requests}
    assert len(expected) == 3
    rows = replayed.rows("""
        select team_id, usage_date::varchar, sum(request_count), sum(input_uncached_tokens),
            sum(output_tokens)
        from cost_per_team_day group by all
    """)
    assert {(team, day): tuple(figures) for team, day, *figures in rows} == expected
    other = (
        "select sum(total_tokens - input_uncached_tokens - output_tokens) from cost_per_team_day"
    )
    assert replayed.rows(other) == [(0,)]


def test_each_team_costs_its_tokens_at_the_negotiated_price_exactly(replayed: Replayed) -> None:
    expected: Counter[str] = Counter()
    for call in replayed.calls:
        cost = call.context_tokens * INPUT_PRICE + call.generated_tokens * OUTPUT_PRICE
        expected[call.team_id] += cost.scaleb(-6)
    rows = replayed.rows("""
        select team_id, team_name, sum(estimated_cost), count(distinct billing_currency),
            min(billing_currency), sum(billed_cost)
        from cost_per_team_month group by all
    """)
    found = {
        team: (name, cost, currencies, currency, billed)
        for team, name, cost, currencies, currency, billed in rows
    }
    assert found == {team: (name, expected[team], 1, "USD", None) for team, name in TEAMS.items()}


def test_no_usage_lacks_a_price_and_nobody_bypasses(replayed: Replayed) -> None:
    assert replayed.rows("select * from unpriced_usage") == []
    assert replayed.rows("select * from shadow_spend_month") == []
    assert replayed.rows("select * from quarantined_records") == []
