"""Companies made up at random: shadow AI is found, and what only looks like it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.shadow import AIM, measure, rates
from benchmarks.shadow_company import LOOK_ALIKES, make_company
from benchmarks.shadow_hosts import read_rows
from benchmarks.shadow_truth import truth_of

# None of those that the benchmark is about.
SEED = 4711


def test_a_seed_is_a_company_with_ten_times_as_many_look_alikes() -> None:
    company = make_company(SEED)
    assert truth_of(company) == truth_of(make_company(SEED))
    assert truth_of(company) != truth_of(make_company(SEED + 1))
    for kinds in ({"http", "dns", "tls"}, {"grant", "sign_in"}, {"charge"}):
        seen = [one for one in company.seen if one.kind in kinds]
        planted = [one for one in seen if one.service and one.service != "chatgpt"]
        assert len(planted) > 5
        assert len(seen) - len(planted) >= LOOK_ALIKES * len(planted)


def test_no_look_alike_is_an_address_of_a_service() -> None:
    rows = read_rows("ai_domains.csv")
    of = {row["domain_suffix"]: row["ai_service_id"] for row in rows}
    hosts = [
        one.name
        for seed in range(SEED, SEED + 5)
        for one in make_company(seed).seen
        if one.source in ("squid", "zeek") and not one.service
    ]
    assert len(hosts) > 1000
    for host in hosts:
        fitting = [name for name in of if host == name or host.endswith(f".{name}")]
        assert not fitting or not of[max(fitting, key=len)]


@pytest.mark.slow
def test_a_company_is_found_again(tmp_path: Path) -> None:
    counts = measure([SEED], tmp_path, lambda *_: None, by_commands=False)
    for what in ("signal", "finding"):
        names = [name for name in {*counts.planted, *counts.false} if name.startswith(what)]
        planted, *_, precision, recall = rates(counts, names)
        assert planted > 50
        # Names of one company that a list lacks weigh more than those of twenty.
        assert precision >= AIM
        assert recall >= AIM - 0.05
    for (name, what), number in counts.checks.items():
        if what == "amounts":
            assert number == counts.checks[name, "exact"] > 0
        if name == "states":
            assert number == counts.checks["states right", what] > 0
