"""Umbrella's DNS log: identities that are no persons, names with a point, others' test events."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.pipelines.egress_rows import EgressHome, egress_home

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "panther_logs"
HEADER = '"Timestamp","Policy Identity","Identities","Internal IP","External IP","Action"\n'
LINE = (
    '"2026-03-02 09:05:00","{who}","{who},""HQ"", all","10.1.2.3","198.51.100.7","Allowed","1 (A)",'
    '"NOERROR","claude.ai.","Chat, Software"{kind}\n'
)


@pytest.fixture
def home(tmp_path: Path) -> EgressHome:
    return egress_home("umbrella", tmp_path)


@pytest.mark.parametrize(
    ("kind", "actor", "place"),
    [("AD Users", "user", None), ("Roaming Computers", "device", None),
     ("AD Computers", "device", None), ("Networks", "address", "Ann"),
     ("Sites", "address", "Ann"), (None, "device", None)],
)  # fmt: skip
def test_an_identity_is_a_person_only_where_its_type_says_so(
    home: EgressHome, kind: str | None, actor: str, place: str | None
) -> None:
    text = LINE.format(who="Ann", kind=f',"{kind}"' if kind else "")
    report = home.load_text(HEADER + text, name="dns.csv")
    assert (report.faults, report.records_read, report.records_loaded) == ([], 1, 1)
    assert home.hosts("host, actor_kind, location_name") == [("claude.ai", actor, place)]


def test_a_line_with_an_open_quote_is_refused(home: EgressHome) -> None:
    home.load_text(LINE.format(who="Ann", kind="") + '"2026-03-02 09:05:00","Ann\n', name="dns.csv")
    assert home.reasons() == [(2, "wrong_field_count")]


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data at {DATA}")
def test_events_that_others_wrote_are_read_and_none_is_ai(home: EgressHome, tmp_path: Path) -> None:
    with gzip.open(DATA / "CiscoUmbrella_DNS.jsonl.gz", "rt") as file:
        events = [json.loads(line)["log"] for line in file]
    own = [event for event in events if "internalIp" in event]
    assert len(own) >= 6
    report = home.load_text("".join(json.dumps(event) + "\n" for event in own))
    assert (report.faults, report.records_loaded) == ([], len(own))
    assert {kind for _, kind, _ in home.hosts("host, signal_kind, is_listed")} == {"dns"}
    assert not any(is_listed for *_, is_listed in home.hosts("host, is_listed"))
    assert not any(str(host).endswith(".") for (host,) in home.hosts("host"))
