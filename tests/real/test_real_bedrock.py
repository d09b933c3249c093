"""Eight invocation-log records that Panther's detection rules are tested with."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from pathlib import Path

import pytest

from tests.source_home import SourceHome

FILE = (
    Path(__file__).resolve().parents[2].parent
    / "shared/data/panther_logs/AWS_BedrockModelInvocation.jsonl.gz"
)
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason=f"no records at {FILE}")


def test_every_record_loads_and_callers_are_pseudonyms(tmp_path: Path) -> None:
    with gzip.open(FILE, "rt") as lines:
        records = [json.loads(line)["log"] for line in lines]
    path = tmp_path / "logs.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    home = SourceHome(tmp_path / "home", "bedrock_logs", "invocations")
    report = home.load(path)
    assert (report.records_loaded, report.records_quarantined) == (8, 0)
    rows = home.rows("invoked_at::timestamp, model_id, caller_arn, caller_user_id, input_tokens")
    assert rows[0][0] == datetime.fromisoformat("2025-05-15 14:14:49")
    assert {row[1] for row in rows} == {"anthropic.claude-3-haiku-20240307-v1:0"}
    assert {row[2] for row in rows} == {"arn:aws:sts::111111111111:assumed-role/role_details"}
    # Two people behind one role; a guarded call has no counts.
    assert len({row[3] for row in rows}) == 2
    assert [row[4] for row in rows] == [None, 0, 0, 0, 0, 0, 0, 0]
