"""Cloudflare's AI Gateway: metadata inside a text, Logpush without moments, gateways by day."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.config import SettingsError
from pipelines.sources import cloudflare_ai_gateway
from tests.api_sources import NOW, Extraction, extract
from tests.pipelines.samples import PERSON, SECRET, sample
from tests.small_api import Call, SmallApi
from tests.source_home import SourceHome

DAY = NOW.date() - timedelta(1)
LOGPUSH = {
    "Cached": False, "Endpoint": "chat/completions", "Gateway": "prod",
    "Metadata": {"type": "encrypted", "data": SECRET}, "Model": "gpt-4o", "Provider": "openai",
    "RateLimited": True, "RequestBody": SECRET, "ResponseBody": SECRET, "StatusCode": 429,
}  # fmt: skip


def log(number: int = 0, hour: int = 8, **changes: Any) -> dict[str, Any]:
    """Return a log in the API's shape."""
    moment = datetime.combine(DAY, datetime.min.time(), UTC) + timedelta(hours=hour, seconds=number)
    return {
        "id": f"log-{number}", "created_at": f"{moment:%Y-%m-%dT%H:%M:%S.000Z}", "cached": False,
        "cost": 0.00045, "custom_cost": False, "duration": 812,
        "metadata": json.dumps({"user_id": PERSON, "team": "search"}), "model": "gpt-4o",
        "model_type": "chat", "path": "chat/completions", "provider": "openai",
        "request_type": "chat", "status_code": 200, "step": 0, "success": True,
        "tokens_in": 100, "tokens_out": 20, **changes,
    }  # fmt: skip


class Cloudflare:
    """The logs of some gateways, in numbered pages between two moments."""

    def __init__(self) -> None:
        self.logs: dict[str, list[dict[str, Any]]] = {"prod": []}
        self.knows_dates = True

    def answer(self, call: Call) -> Any:
        """Answer one page."""
        parts = call.path.split("/")
        if parts[:5] != ["", "accounts", "acme", "ai-gateway", "gateways"] or parts[6:] != ["logs"]:
            return 404
        if parts[5] not in self.logs:
            return 403
        query, found = call.query, self.logs[parts[5]]
        if self.knows_dates:
            begin, end = query["start_date"], query["end_date"]
            found = [one for one in found if begin <= one["created_at"][:19] + "Z" <= end]
        size = int(query["per_page"])
        start = (int(query["page"]) - 1) * size
        return {"success": True, "errors": [], "result": found[start : start + size]}


@pytest.fixture
def provider() -> Cloudflare:
    return Cloudflare()


@pytest.fixture
def api(provider: Cloudflare) -> Iterator[SmallApi]:
    with SmallApi(provider.answer, key="Bearer token") as served:
        yield served


def load(api: SmallApi, known: Any = None, **settings: Any) -> Extraction:
    own = {
        "base_url": api.url, "admin_key": "token", "account_id": "acme", "gateways": "prod",
        "start_date": str(DAY), "request_attempts": 3,
    }  # fmt: skip
    return extract(cloudflare_ai_gateway, own | settings, known=known)


@pytest.fixture
def home(tmp_path: Path) -> SourceHome:
    return SourceHome(tmp_path / "home", "cloudflare_ai_gateway", "logs")


def test_metadata_is_read_out_of_its_text_and_its_person_is_not_in_it(api, provider) -> None:
    provider.logs["prod"] = [log()]
    [row] = load(api).tables["logs"]
    assert json.loads(row["metadata"]) == {"team": "search"}
    assert row["user_id"] not in (None, PERSON)
    assert (row["gateway_id"], row["cost"], row["tokens_in"]) == ("prod", Decimal("0.00045"), 100)
    assert row["created_at"] == datetime.fromisoformat(f"{DAY}T08:00:00")


@pytest.mark.parametrize("metadata", ["", "gAAAAAB-encrypted", "[1]", "3", None, {"user": PERSON}])
def test_metadata_that_is_no_json_object_inside_a_text_is_not_kept(
    api, provider, metadata: Any
) -> None:
    provider.logs["prod"] = [log(metadata=metadata)]
    [row] = load(api).tables["logs"]
    assert row["metadata"] in (None, "{}")


def test_a_day_is_asked_for_in_parts_and_pages_and_what_parts_share_counts_once(
    api, provider
) -> None:
    provider.logs["prod"] = [log(number) for number in range(120)] + [log(500, hour=6, id="edge")]
    provider.logs["prod"][-1]["created_at"] = f"{DAY}T06:00:00.000Z"
    found = load(api)
    account = found.unit(f"logs/prod:{DAY}T00:00:00Z")
    assert (account["records_read"], account["records_duplicate"]) == (122, 1)
    assert len(found.tables["logs"]) == 121
    of_the_day = [call.query for call in api.calls if call.query["start_date"] < str(NOW.date())]
    assert [(query["start_date"][11:13], query["page"]) for query in of_the_day] == [
        ("00", "1"), ("06", "1"), ("06", "2"), ("06", "3"), ("12", "1"), ("18", "1"),
    ]  # fmt: skip


def test_a_server_that_ignores_the_dates_multiplies_nothing(api, provider) -> None:
    provider.knows_dates = False
    provider.logs["prod"] = [log(1), log(2), log(3, hour=30)]
    rows = load(api).tables["logs"]
    assert sorted((row["log_id"], row["load_unit_id"][10:20]) for row in rows) == [
        ("log-1", str(DAY)), ("log-2", str(DAY)), ("log-3", str(NOW.date())),
    ]  # fmt: skip


def test_each_gateway_has_its_own_days_and_one_that_fails_keeps_none_out(api, provider) -> None:
    provider.logs = {"prod": [log(1)], "batch": [log(2)]}
    found = load(api, gateways="prod,closed,batch")
    assert [(row["gateway_id"], row["log_id"]) for row in found.tables["logs"]] == [
        ("prod", "log-1"), ("batch", "log-2"),
    ]  # fmt: skip
    [fault] = found.faults
    assert "gateways/closed/logs (HTTP 403)" in fault


def test_a_restated_day_replaces_and_an_unchanged_one_is_not_sent_again(api, provider) -> None:
    provider.logs["prod"] = [log(1)]
    first = load(api)
    assert load(api, first.known()).tables["load_units"] == []
    provider.logs["prod"].append(log(2, hour=20))
    again = load(api, first.known())
    assert [row["log_id"] for row in again.tables["logs"]] == ["log-1", "log-2"]


def test_rate_limits_and_failures_are_waited_for_and_a_refused_key_is_said_once(
    api, provider
) -> None:
    provider.logs["prod"] = [log(1)]
    api.faults = [429, 500]
    assert load(api).faults == []
    api.calls.clear()
    found = load(api, admin_key="other", gateways="prod,batch")
    [fault] = found.faults
    assert "AI Gateway Read" in fault
    assert len(api.calls) == 1


def test_gateways_need_an_account(api) -> None:
    with pytest.raises(SettingsError, match="ACCOUNT_ID"):
        load(api, account_id="")


@pytest.mark.parametrize("name", ["20260124T092046Z_20260124T092116Z_a3cf.log.gz", "a.log"])
def test_a_logpush_row_has_the_moment_of_its_file_or_is_refused(
    home: SourceHome, tmp_path: Path, name: str
) -> None:
    lines = (json.dumps(LOGPUSH) + "\n" + json.dumps(LOGPUSH) + "\n").encode()
    (tmp_path / name).write_bytes(gzip.compress(lines) if name.endswith("gz") else lines)
    report = home.load(tmp_path / name)
    assert report.faults == []
    if name == "a.log":
        assert home.reasons() == [(1, "bad_timestamp"), (2, "bad_timestamp")]
        return
    columns = "created_at::timestamp, gateway_id, model, status_code, is_rate_limited, tokens_in"
    moment = datetime.fromisoformat("2026-01-24T09:20:46")
    assert (
        home.rows(f"{columns}, metadata") == [(moment, "prod", "gpt-4o", 429, True, None, None)] * 2
    )


def test_a_cost_of_more_digits_than_a_double_has_keeps_them(
    home: SourceHome, tmp_path: Path
) -> None:
    line = json.dumps(log(cost=1)).replace('"cost": 1,', '"cost": 123456789.123456789012,')
    (tmp_path / "a.jsonl").write_text(line + "\n")
    assert home.load(tmp_path / "a.jsonl").records_loaded == 1
    assert home.rows("cost") == [(Decimal("123456789.123456789012"),)]


def test_a_folder_is_looked_through_for_logpush_files_too(home: SourceHome, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    moments = ("20260124T092046Z_20260124T092116Z", "20260124T092116Z_20260124T092146Z")
    for number, moment in enumerate(moments):
        text = json.dumps(LOGPUSH | {"StatusCode": 200 + number}) + "\n"
        (tmp_path / "logs" / f"{moment}.log.gz").write_bytes(gzip.compress(text.encode()))
    assert home.load(tmp_path / "logs").records_loaded == 2


def test_a_saved_answer_of_the_api_holds_a_list(home: SourceHome, tmp_path: Path) -> None:
    answer = {"success": True, "result": sample("cloudflare_ai_gateway")[:2], "result_info": {}}
    (tmp_path / "a.json").write_text(json.dumps(answer))
    report = home.load(tmp_path / "a.json")
    assert (report.records_loaded, report.records_quarantined) == (2, 0)


def test_a_file_of_a_bucket_keeps_the_moment_of_its_name(
    home: SourceHome, bucket: str, tmp_path: Path
) -> None:
    import s3fs

    name = "20260124T092046Z_20260124T092116Z_a.log.gz"
    text = json.dumps(LOGPUSH) + "\n"
    s3fs.S3FileSystem().pipe(f"logs/{name}", gzip.compress(text.encode()))
    report = home.load(f"{bucket}/{name}")
    assert (report.faults, report.records_loaded) == ([], 1)
