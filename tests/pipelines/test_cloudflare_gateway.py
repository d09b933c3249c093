"""Cloudflare Gateway: requests and look-ups, whoever is known of a device, no content."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.pipelines.egress_rows import EgressHome, egress_home

LOOK_UP = {
    "Datetime": 1772442300000000000, "QueryName": "claude.ai", "QueryTypeName": "A",
    "ResolverDecision": "allowedOnNoPolicyMatch", "SrcIP": "10.1.2.3", "Email": "",
    "DeviceID": "d-1", "Location": "HQ",
}  # fmt: skip
REQUEST = {
    "Datetime": "2026-03-02T09:05:00Z", "Action": "block", "HTTPHost": "", "Email": "",
    "URL": "https://claude.ai:443/chat?q=secret", "UserID": "u-1", "SourceIP": "10.1.2.3",
}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> EgressHome:
    return egress_home("cloudflare_gateway", tmp_path)


def lines(*records: dict[str, Any]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def test_a_look_up_by_two_types_is_one(home: EgressHome) -> None:
    home.load_text(lines(LOOK_UP, LOOK_UP | {"QueryTypeName": "AAAA"}))
    assert home.hosts("host, signal_kind, action, record_count, request_count, actor_kind") == [
        ("claude.ai", "dns", "allowed", 2, 1, "device")
    ]
    assert home.hosts("location_name") == [("HQ",)]


def test_the_host_is_read_of_the_address_where_it_stands_alone(home: EgressHome) -> None:
    home.load_text(lines(REQUEST))
    assert home.hosts("host, signal_kind, action, actor_kind") == [
        ("claude.ai", "http", "blocked", "user")
    ]


@pytest.mark.parametrize(
    ("decision", "action"),
    [("blockedByCategory", "blocked"), ("blockedRule", "blocked"), ("allowedRule", "allowed"),
     ("overrideApplied", "unknown"), ("10", "unknown")],
)  # fmt: skip
def test_decisions_of_the_resolver_are_told_apart(
    home: EgressHome, decision: str, action: str
) -> None:
    home.load_text(lines(LOOK_UP | {"ResolverDecision": decision}))
    assert home.hosts("action") == [(action,)]


def test_a_record_of_another_data_set_is_refused(home: EgressHome) -> None:
    home.load_text(lines({"Datetime": 1772442300, "Transport": "tcp"}))
    assert home.reasons() == [(1, "wrong_format")]
