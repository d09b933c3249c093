"""vLLM's counters: pages of any kind, restarts and cuts, two observers, and Prometheus' own API."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.config import SettingsError, load_settings
from pipelines.lake import Lake, write_manifest
from pipelines.sources import vllm
from tests.api_sources import NOW, Extraction, extract
from tests.dbt_runs import run_dbt
from tests.small_api import Call, SmallApi
from tests.source_home import SourceHome

PAGE = """# scraped_at 2026-11-15T12:00:00Z instance=vllm-0 pool=h100
# HELP vllm:prompt_tokens_total Number of prefill tokens processed.
# TYPE vllm:prompt_tokens_total counter
vllm:prompt_tokens_total{engine="0",model_name="a \\"b\\" } c"} 9.8313546e+07
vllm:generation_tokens_total{engine="0",model_name="m",} 17 # {trace_id="x"} 0.67

vllm:e2e_request_latency_seconds_bucket{engine="0",le="+Inf"} 3.0
process_start_time_seconds 1.76318784012e+09
# scraped_at 2026-11-15T12:01:00Z instance="vllm-0"
vllm:generation_tokens_total{engine="0",model_name="m"} 18
vllm:generation_tokens_total{engine="0",model_name="m",instance="b:8000"} 19 1763208000123
vllm_num_requests_running 2
"""
COLUMNS = "source_line, metric_name, sampled_at::timestamp::text, value, instance, model_name, pool"


@pytest.fixture
def home(tmp_path: Path) -> SourceHome:
    return SourceHome(tmp_path / "home", "vllm", "samples")


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_of_several_pages_gives_each_sample_its_time_and_labels(
    home, tmp_path, packed
) -> None:
    path = tmp_path / ("day.prom.gz" if packed else "day.prom")
    path.write_bytes(gzip.compress(PAGE.encode()) if packed else PAGE.encode())
    assert home.load(path).faults == []
    noon, later = "2026-11-15 12:00:00", "2026-11-15 12:01:00"
    tokens = "vllm:generation_tokens_total"
    assert home.rows(COLUMNS, order="source_line") == [
        (4, "vllm:prompt_tokens_total", noon, Decimal(98313546), "vllm-0", 'a "b" } c', "h100"),
        (5, tokens, noon, Decimal(17), "vllm-0", "m", "h100"),
        (8, "process_start_time_seconds", noon, Decimal("1763187840.12"), "vllm-0", None, "h100"),
        (10, tokens, later, Decimal(18), "vllm-0", "m", None),
        (11, tokens, "2025-11-15 12:00:00.123", Decimal(19), "b:8000", "m", None),
        (12, "vllm_num_requests_running", later, Decimal(2), "vllm-0", None, None),
    ]
    assert home.accounts() == [(6, 6, 0, 0)]


def test_a_page_without_a_line_before_it_is_named_by_its_file(home, tmp_path) -> None:
    home.load(write(tmp_path / "gpu-3_20261115T130000Z.prom", "vllm:generation_tokens_total 1\n"))
    assert home.first("instance, sampled_at::timestamp::text") == ("gpu-3", "2026-11-15 13:00:00")


def test_what_is_no_sample_and_what_nobody_can_place_is_refused_by_its_line(home, tmp_path) -> None:
    text = (
        "<html>please sign in</html>\n"
        "vllm:generation_tokens_total 1\n"
        "# scraped_at 2026-11-15T12:00:00Z\n"
        "vllm:generation_tokens_total 1\n"
        "# scraped_at yesterday instance=a\n"
        "vllm:generation_tokens_total 1\n"
        "# scraped_at 2026-11-15T12:00:00Z instance=a\n"
        "vllm:generation_tokens_total NaN\n"
        "vllm:generation_tokens_total +Inf\n"
        'vllm:generation_tokens_total{a="b} 1\n'
        'vllm:generation_tokens_total{a="\\d"} 1\n'
        "vllm:generation_tokens_total 1\n"
    )
    home.load(write(tmp_path / "a.prom", text))
    assert sorted(home.reasons()) == [
        (1, "malformed_line"), (2, "bad_timestamp"), (4, "missing_text"), (6, "bad_timestamp"),
        (8, "bad_number"), (9, "bad_number"), (10, "malformed_line"), (11, "malformed_line"),
    ]  # fmt: skip
    assert home.accounts() == [(9, 1, 8, 0)]


def test_labels_of_a_page_reach_over_chunks(home, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("pipelines.sources.json_files.CHUNK_CHARACTERS", 40)
    home.load(write(tmp_path / "day.prom", PAGE))
    assert home.accounts() == [(6, 6, 0, 0)]
    rows = home.rows("source_line, sampled_at::timestamp::text", order="source_line")
    assert rows[2:4] == [(8, "2026-11-15 12:00:00"), (10, "2026-11-15 12:01:00")]


def test_a_saved_answer_gives_every_point_of_every_series(home, tmp_path) -> None:
    series = [
        {
            "metric": {"__name__": "vllm:prompt_tokens_total", "instance": "a:1", "engine": "0"},
            "values": [[1763208000.781, "1"], [1763208060.781, "9.8e+3"]],
        },
        {"metric": {"__name__": "up", "instance": "a:1"}, "values": [[1763208000, "1"]]},
        {"metric": {"instance": "a:1"}, "values": [[1763208000, "7"]]},
    ]
    body = {"status": "success", "data": {"resultType": "matrix", "result": series}}
    home.load(write(tmp_path / "day.json", json.dumps(body, indent=1)))
    assert home.rows("sampled_at::timestamp::text, value, shape", order="value") == [
        ("2025-11-15 12:00:00.781", Decimal(1), "grid"),
        ("2025-11-15 12:01:00.781", Decimal(9800), "grid"),
    ]
    # Of a series without a name nobody knows what it counts; `up` is none of this source's.
    assert home.accounts() == [(3, 2, 1, 0)]
    assert [reason for _, reason in home.reasons()] == ["missing_text"]


def simulate(
    chance: random.Random, *, knows_start: bool
) -> tuple[list[tuple[int, int, float]], int]:
    """Return (second, count, process start) of samples, and what was counted after the first."""
    samples, counted, moment = [], 0, 1763164800 + chance.randint(0, 3600)
    for number in range(chance.randint(1, 5)):
        started, count = moment - chance.randint(1000, 5000) if number == 0 else moment, 0
        if number == 0:
            count = chance.randint(0, 10**9)
        elif not knows_start:
            # Nothing tells of a restart but a smaller count.
            count = chance.randint(0, max(0, samples[-1][1] - 1))
            if not samples[-1][1]:
                break
        else:
            # Perhaps more than the process before it: its start alone tells.
            count = chance.randint(0, 10**9)
        base = count if number == 0 else 0
        for _ in range(chance.randint(1, 12)):
            moment += chance.choice([15, 60, 60, 61, 400, 5000])
            samples.append((moment, count, started + 0.25))
            count += chance.choice([0, 0, 1, chance.randint(0, 10**7)])
        counted += samples[-1][1] - base
    return samples, counted


def exposition(instance: str, samples: list[tuple[int, int, float]], *, knows_start: bool) -> str:
    """Return pages that say the samples."""
    lines = []
    for moment, count, started in samples:
        at = datetime.fromtimestamp(moment, UTC)
        lines.append(f"# scraped_at {at:%Y-%m-%dT%H:%M:%SZ} instance={instance} pool=p")
        lines.append(f'vllm:generation_tokens_total{{engine="0",model_name="m"}} {float(count)!r}')
        if knows_start:
            lines.append(f"process_start_time_seconds {started!r}")
    return "\n".join(lines) + "\n"


def test_increases_are_the_same_however_a_series_is_cut(home, tmp_path) -> None:
    """Files may begin anywhere, overlap and come in any order; restarts lie wherever they lie."""
    chance = random.Random(20261122)
    expected, paths = {}, []
    for number in range(40):  # each is several files, which cost a load more than their lines
        knows_start = number % 2 == 0
        samples, counted = simulate(chance, knows_start=knows_start)
        expected[number] = counted
        text = exposition(f"whole-{number}", samples, knows_start=knows_start)
        paths.append(write(tmp_path / f"whole-{number}.prom", text))
        cuts = sorted(chance.randint(0, len(samples)) for _ in range(chance.randint(1, 4)))
        for part, (start, end) in enumerate(zip([0, *cuts], [*cuts, len(samples)], strict=True)):
            piece = samples[max(0, start - chance.randint(0, 2)) : end]
            if piece:
                text = exposition(f"cut-{number}", piece, knows_start=knows_start)
                paths.append(write(tmp_path / f"cut-{number}-{part}.prom", text))
    chance.shuffle(paths)
    half = len(paths) // 2
    for some in (paths[:half], paths):
        assert home.load(*some).faults == []
    rows = built(
        home,
        "select instance_id, sum(generation_tokens)::bigint, "
        "min(least(generation_tokens, gap_tokens)) from core.fct_engine_usage_hour group by all",
    )
    found = {instance: tokens for instance, tokens, _ in rows}
    assert min(smallest for *_, smallest in rows) >= 0
    assert sum(expected.values()) > 10**8
    assert {n: found[f"whole-{n}"] for n in expected} == expected
    assert {n: found[f"cut-{n}"] for n in expected} == expected


def test_two_observers_of_an_engine_count_once(home, tmp_path) -> None:
    """The grid's values lag behind the pages: side by side they would look like restarts."""
    begin = 1763208000
    pages = [(begin + 15 * n, 1000 + 10 * n, begin - 4000.0) for n in range(41)]
    grid = [[begin + 60 * n + 5, str(1000 + 40 * n)] for n in range(8)]
    labels = {
        "__name__": "vllm:generation_tokens_total", "instance": "a", "pool": "p", "engine": "0",
        "model_name": "m",
    }  # fmt: skip
    home.load(
        write(tmp_path / "a.prom", exposition("a", pages, knows_start=True)),
        write(tmp_path / "b.json", json.dumps({"metric": labels, "values": grid})),
    )
    assert built(
        home, "select observer_id, generation_tokens, busy_seconds from core.fct_engine_usage_hour"
    ) == [("-/scrape", 400, 600)]


def test_each_engine_reason_and_source_of_a_process_is_a_series_and_they_are_summed(
    home: SourceHome, tmp_path: Path
) -> None:
    """Mixed, their counts would go up and down, and look like restarts."""
    counters = {
        'generation_tokens_total{engine="0"': (100, 150),
        'generation_tokens_total{engine="1"': (1000, 1007),
        'request_success_total{engine="0",finished_reason="stop"': (5, 6),
        'request_success_total{engine="0",finished_reason="length"': (9, 12),
        'prompt_tokens_total{engine="0"': (114, 141),
        'prompt_tokens_by_source_total{engine="0",source="local_compute"': (10, 30),
        'prompt_tokens_by_source_total{engine="0",source="local_cache_hit"': (4, 9),
        'prompt_tokens_by_source_total{engine="0",source="external_kv_transfer"': (100, 102),
    }
    text = ""
    for minute in (0, 1):
        text += f"# scraped_at 2026-11-15T12:0{minute}:00Z instance=a pool=p\n"
        for name, counts in counters.items():
            text += f'vllm:{name},model_name="m"}} {counts[minute]}\n'
    home.load(write(tmp_path / "a.prom", text))
    assert built(
        home,
        "select engine_id, prompt_tokens, cached_prompt_tokens, generation_tokens, request_count, "
        "restart_count from core.fct_engine_usage_hour order by engine_id",
    ) == [("0", 27, 7, 50, 4, 0), ("1", 0, None, 7, None, 0)]


def built(home: SourceHome, sql: str) -> list[Any]:
    """Build the models of engines over the home's lake; return the rows of a query on them."""
    settings = load_settings(home.folder)
    settings.warehouse.mkdir(parents=True, exist_ok=True)
    write_manifest(Lake(settings.lake_url), settings.warehouse / "lake_files.jsonl")
    run_dbt(home.folder, "run", "--select", "stg_vllm__samples+1", "int_engine_steps+1")
    with duckdb.connect(str(settings.build_path), read_only=True) as connection:
        return connection.sql(sql).fetchall()


class Prometheus:
    """Series by name: (labels, points of epoch and value), answered on the grid that is asked."""

    def __init__(self) -> None:
        self.series: dict[str, list[tuple[dict[str, str], dict[int, str]]]] = {}
        self.extra: dict[str, Any] = {}

    def answer(self, call: Call) -> Any:
        if call.path != "/api/v1/query_range":
            return 404
        name = call.query["query"].split("{")[0].split(" ")[0]
        start, end = int(call.query["start"]), int(call.query["end"])
        result = [
            {
                "metric": {"__name__": name, **labels},
                "values": [[at, value] for at, value in points.items() if start <= at <= end],
            }
            for labels, points in self.series.get(name, [])
        ]
        found = [one for one in result if one["values"]]
        data = {"resultType": "matrix", "result": found}
        return {"status": "success", "data": data, **self.extra}


DAY = NOW.date() - timedelta(1)
MIDNIGHT = int(datetime.combine(DAY, datetime.min.time(), tzinfo=UTC).timestamp())
LABELS = {"instance": "a:8000", "engine": "0", "model_name": "m", "pool": "p"}


@pytest.fixture
def provider() -> Prometheus:
    found = Prometheus()
    found.series["vllm:generation_tokens_total"] = [(LABELS, {MIDNIGHT: "1", MIDNIGHT + 60: "5"})]
    found.series["process_start_time_seconds"] = [
        ({"instance": "a:8000"}, {MIDNIGHT: "1.75e+09"}),
    ]
    return found


@pytest.fixture
def api(provider: Prometheus) -> Iterator[SmallApi]:
    with SmallApi(provider.answer) as served:
        yield served


def ask(api: SmallApi, known: Any = None, now: datetime = NOW, **settings: Any) -> Extraction:
    own = {"base_url": api.url, "start_date": str(DAY), "request_attempts": 3}
    return extract(vllm, own | settings, known=known, now=now)


def unit(day: date) -> str:
    return f"samples:{day}T00:00:00Z"


def test_a_day_of_a_prometheus_is_asked_metric_by_metric(api, provider) -> None:
    found = ask(api, selector='job="vllm"', step_seconds=30)
    assert found.faults == []
    rows = found.tables["samples"]
    assert [(row["metric_name"], row["value"], row["shape"]) for row in rows] == [
        ("vllm:generation_tokens_total", Decimal(1), "grid"),
        ("vllm:generation_tokens_total", Decimal(5), "grid"),
        ("process_start_time_seconds", Decimal(1750000000), "grid"),
    ]
    assert found.unit(unit(DAY))["is_complete"] is True
    empty = found.unit(unit(NOW.date()))
    assert (empty["records_read"], empty["is_complete"]) == (0, False)
    first, last = api.calls[0].query, api.calls[-1].query
    assert (first["start"], first["end"], first["step"]) == (
        str(MIDNIGHT), str(MIDNIGHT + 86399), "30",
    )  # fmt: skip
    assert first["query"] == 'vllm:prompt_tokens_total{job="vllm"}'
    # Nothing is asked of the time to come: a Prometheus would go on with the last value.
    assert last["end"] == str(int(NOW.timestamp()))
    assert "and on (instance, job)" in last["query"]


def test_a_restated_day_replaces_its_unit_and_an_unchanged_one_is_not_sent_again(
    api, provider
) -> None:
    first = ask(api)
    assert ask(api, first.known()).tables["load_units"] == []
    provider.series["vllm:generation_tokens_total"][0][1][MIDNIGHT + 120] = "9"
    again = ask(api, first.known())
    assert [row["load_unit_id"] for row in again.tables["load_units"]] == [unit(DAY)]
    assert len(again.tables["samples"]) == 4


def test_a_busy_prometheus_is_waited_for(api) -> None:
    api.faults = [429, 500]
    found = ask(api)
    assert (found.faults, len(found.tables["samples"])) == ([], 3)


@pytest.mark.parametrize(
    "extra", [{"warnings": ["store x is away"]}, {"status": "error", "error": "too many samples"}]
)
def test_an_answer_that_lacks_something_leaves_the_day_as_it_was(api, provider, extra) -> None:
    provider.extra = extra
    found = ask(api)
    [fault] = found.faults
    assert "load again later" in fault
    assert found.tables["load_units"] == []


def test_a_refused_token_is_said_and_never_shown(provider) -> None:
    with SmallApi(provider.answer, key="Bearer good") as api:
        assert ask(api, admin_key="good").faults == []
        [fault] = ask(api, admin_key="bad-token").faults
    assert "refused the admin key" in fault
    assert "bad-token" not in fault


def test_a_token_never_travels_in_the_clear(api) -> None:
    with pytest.raises(SettingsError, match="https"):
        ask(api, base_url="http://prometheus.internal:9090", admin_key="good")
    found = ask(api, base_url="http://127.0.0.1:1", request_attempts=1)
    assert "could not be reached" in found.faults[0]
    with pytest.raises(SettingsError, match="own network"):
        ask(api, base_url="prometheus:9090")


@pytest.mark.parametrize("step", [5, 3600])
def test_a_step_is_within_what_prometheus_answers_and_restarts_need(api, step) -> None:
    with pytest.raises(SettingsError, match="STEP_SECONDS"):
        ask(api, step_seconds=step)
