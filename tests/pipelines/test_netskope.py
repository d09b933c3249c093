"""Netskope's transactions: columns by name wherever they stand, values in quotes, no content."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pipelines.egress_rows import EgressHome, egress_home

FIELDS = "x-cs-timestamp cs-username c-ip cs-uri sc-status cs-bytes sc-bytes"
LINE = '1772442300 "Ann Example" 10.1.2.3 "https://claude.ai/a b" {status} {sent} -\n'


@pytest.fixture
def home(tmp_path: Path) -> EgressHome:
    return egress_home("netskope", tmp_path)


@pytest.mark.parametrize(
    ("status", "action"),
    [("200", "allowed"), ("302", "allowed"), ("403", "unknown"), ("-", "unknown")],
)  # fmt: skip
def test_without_a_policy_the_status_tells(home: EgressHome, status: str, action: str) -> None:
    home.load_text(f"#Fields: {FIELDS}\n" + LINE.format(status=status, sent=5))
    assert home.hosts("host, action, actor_kind, uploaded_bytes, downloaded_bytes") == [
        ("claude.ai", action, "user", 5, None)
    ]


@pytest.mark.parametrize(("user", "kind"), [('"Ann Example"', "user"), ("-", "address")])
def test_a_dash_is_nobody_and_no_address(home: EgressHome, user: str, kind: str) -> None:
    line = LINE.format(status=200, sent="-").replace('"Ann Example"', user)
    home.load_text(f"#Fields: {FIELDS} cs-host\n" + line.replace(" -\n", " - -\n"))
    assert home.reasons() == []
    assert home.hosts("host, actor_kind, uploaded_bytes") == [("claude.ai", kind, None)]


def test_columns_may_be_a_setting_where_the_line_is_lost(home: EgressHome) -> None:
    report = home.load_text(LINE.format(status=200, sent=5), fields=FIELDS)
    assert (report.faults, home.hosts("host")) == ([], [("claude.ai",)])


def test_without_columns_a_file_is_a_fault_with_its_remedy(home: EgressHome) -> None:
    report = home.load_text(LINE.format(status=200, sent=5))
    assert (report.units, len(report.faults)) == (0, 1)
    assert "setting `fields`" in report.faults[0]


def test_a_line_with_too_few_values_is_refused(home: EgressHome) -> None:
    text = f"#Fields: {FIELDS}\n" + LINE.format(status=200, sent="many") + "1772442300 ann\n"
    home.load_text(text)
    assert home.reasons() == [(2, "bad_number"), (3, "wrong_field_count")]
