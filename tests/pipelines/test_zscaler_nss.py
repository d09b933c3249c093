"""Zscaler's feeds: texts for numbers, two ways to write a time, and the feed's own zone."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.config import SettingsError
from tests.pipelines.egress_rows import EgressHome, egress_home

WEB = {
    "datetime": "2026-07-02 15:43:14", "action": "Allowed", "user": "ann@example.com",
    "url": "claude.ai/chat", "requestsize": "608", "responsesize": "0",
    "department": "Financial%20Dept", "location": "Road%20Warrior", "ClientIP": "10.1.2.3",
}  # fmt: skip
DNS = {
    "datetime": "Thu Jul  2 15:05:55 2026", "user": "ann@example.com", "reqaction": "REQ_ALLOW",
    "resaction": "RES_BLOCK", "dns_req": "claude.ai", "reqtype": "A record", "url": "None",
}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> EgressHome:
    return egress_home("zscaler_nss", tmp_path)


def feed(*events: Any, envelope: bool = True) -> str:
    return "".join(json.dumps({"event": one} if envelope else one) + "\n" for one in events)


@pytest.mark.parametrize("envelope", [True, False])
def test_both_feeds_are_read_with_an_envelope_and_without(home: EgressHome, envelope: bool) -> None:
    report = home.load_text(feed(WEB, DNS, envelope=envelope), time_zone="Europe/Berlin")
    assert report.faults == []
    assert home.hosts("host, signal_kind, action, uploaded_bytes, first_seen_at::timestamp") == [
        ("claude.ai", "http", "allowed", 608, datetime.fromisoformat("2026-07-02 13:43:14")),
        ("claude.ai", "dns", "blocked", None, datetime.fromisoformat("2026-07-02 13:05:55")),
    ]
    assert home.hosts("department_name, location_name")[0] == ("Financial Dept", "Road Warrior")


def test_what_is_no_number_or_no_time_is_refused(home: EgressHome) -> None:
    wrong = [{"requestsize": "many"}, {"responsesize": "-4"}, {"datetime": "02/07/2026"}]
    home.load_text(feed(*(WEB | each for each in wrong), WEB | {"requestsize": "NA"}))
    assert home.reasons() == [(1, "bad_number"), (2, "bad_number"), (3, "bad_timestamp")]
    assert home.hosts("uploaded_bytes") == [(None,)]


def test_a_zone_that_is_none_is_a_setting_to_correct(home: EgressHome) -> None:
    with pytest.raises(SettingsError, match="TIME_ZONE is 'Mars/Phobos'"):
        home.load_text(feed(WEB), time_zone="Mars/Phobos")
