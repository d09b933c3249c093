"""Squid's log: native lines in all their kinds; others are refused, each by its line."""

from __future__ import annotations

from pathlib import Path

from tests.pipelines.egress_rows import egress_home

NATIVE = """\
1772442300.277   3387 10.1.2.3 TCP_TUNNEL/200 19131 CONNECT api.anthropic.com:443 - HIER_DIRECT/160.79.104.10 -
1772442301.001     12 10.1.2.3 TCP_DENIED/407 0 CONNECT api.anthropic.com:443 - HIER_NONE/- text/html
1772442302.500      0 10.1.2.4 NONE_NONE/000 0 - error:transaction-end-before-headers - HIER_NONE/- -
1772442303.500     80 10.1.2.4 TCP_MISS/200 512 GET http://user:pw@example.org:8080/a?b=c ann HIER_DIRECT/192.0.2.1 text/html
1772442304.500     80 2001:db8::1 TCP_MISS/200 512 CONNECT [2001:db8::2]:443 - HIER_DIRECT/2001:db8::2 -
"""  # noqa: E501 - lines as Squid writes them
APACHE = '1.2.3.4 - johndoe [05/02/2025 11:30:29] "GET https://claude.ai/ HTTP/1.1" 200 10\n'


def test_lines_of_every_kind_are_read(tmp_path: Path) -> None:
    home = egress_home("squid", tmp_path)
    report = home.load_text(NATIVE)
    assert (report.faults, report.records_loaded, report.records_quarantined) == ([], 5, 0)
    assert home.hosts("host, host_kind, action, actor_kind, downloaded_bytes") == [
        ("api.anthropic.com", "named", "allowed", "address", 19131),
        ("api.anthropic.com", "named", "blocked", "address", 0),
        ("error", "named", None, None, None),
        ("example.org", "named", None, None, None),
        (None, "none", None, None, None),
    ]


def test_lines_of_other_formats_are_refused(tmp_path: Path) -> None:
    home = egress_home("squid", tmp_path)
    too_many = NATIVE.splitlines()[0].replace("19131", "9" * 15)
    report = home.load_text(NATIVE + APACHE + too_many + "\n")
    assert report.records_loaded == 5
    assert home.reasons() == [(6, "wrong_format"), (7, "bad_number")]
