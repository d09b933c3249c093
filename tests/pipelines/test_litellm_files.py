"""LiteLLM log files: every known trap of the format, and that each record is accounted for."""

from __future__ import annotations

import gzip
import hashlib
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.config import SettingsError
from tests.litellm_logs import PLAIN_KEY, PROMPT, Home, parquet_bytes, spend_log, write_logs

LITELLM = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "litellm"
MOMENT = datetime.fromisoformat("2026-01-24 09:20:46.847371")


@pytest.fixture
def loaded(home, logs):
    """Load one record with changes and return columns of it."""

    def load(columns: str, **changes):
        report = home.load(logs("one.jsonl", spend_log(**changes)))
        assert not report.faults
        return home.first(columns)

    return load


def test_a_record_as_litellm_wrote_it_loads(home, tmp_path):
    source = LITELLM / "spend_logs_payload.json"
    if not source.exists():
        pytest.skip("../shared/data/litellm is absent: no real record to load")
    home.load(write_logs(tmp_path / "real.jsonl", json.loads(source.read_text())))
    columns = (
        "spend, prompt_tokens, completion_tokens, cast(started_at as timestamp), credential_id, "
        "team_id, cache_hit"
    )
    moment = datetime.fromisoformat("2025-01-24 09:20:46.847371")
    assert home.first(columns) == (Decimal("0.000225"), 10, 20, moment, None, None, "None")


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-01-24 09:20:46.847371", MOMENT),
        ("2026-01-24T09:20:46.847371Z", MOMENT),
        ("2026-01-24T10:50:46.847371+01:30", MOMENT),
        (MOMENT.replace(tzinfo=UTC).timestamp(), MOMENT),
        (str(MOMENT.replace(tzinfo=UTC).timestamp()), MOMENT),
        (1769246446847, MOMENT.replace(microsecond=847000)),
    ],
)
def test_moments_are_utc_however_they_are_written(loaded, written, moment):
    assert loaded("cast(started_at as timestamp)", startTime=written) == (moment,)


@pytest.mark.parametrize(
    "moment", ["yesterday", "", None, "infinity", "2025", -1, 9e18, "0001-01-01"]
)
def test_a_start_that_is_no_moment_is_refused(home, logs, moment):
    home.load(logs("a.jsonl", spend_log(startTime=moment)))
    assert home.reasons() == [(1, "bad_timestamp")]
    assert home.accounts() == [(1, 0, 1, 0)]


@pytest.mark.parametrize(
    ("written", "spend"),
    [
        (0.00022500000000000002, "0.000225"),
        ("2.25e-7", "0.000000225"),
        (0, "0"),
        (123456789.000000000001, "123456789.000000000000"),
        ("123456789012345.123456789012", "123456789012345.123456789012"),
        (10**15, "1000000000000000"),
    ],
)
def test_spend_is_exact_to_twelve_decimals(loaded, written, spend):
    assert loaded("spend", spend=written) == (Decimal(spend),)


@pytest.mark.parametrize(
    "changes",
    [
        {"prompt_tokens": -1}, {"prompt_tokens": 1.5}, {"completion_tokens": "many"},
        {"total_tokens": True}, {"total_tokens": 10**30}, {"spend": "free"}, {"spend": 1e40},
        {"prompt_tokens": 2**63 - 1}, {"completion_tokens": 10**12 + 1}, {"spend": -(10**15 + 1)},
        {"metadata": {"usage_object": {"prompt_tokens_details": {"cached_tokens": 10**12 + 1}}}},
        {"metadata": {"usage_object": {"cache_creation_input_tokens": 10**40}}},
        {"metadata": {"usage_object": {"prompt_tokens_details": {"cached_tokens": -4}}}},
    ],
)  # fmt: skip
def test_a_number_that_is_none_is_refused(home, logs, changes):
    home.load(logs("a.jsonl", spend_log(**changes), spend_log("chatcmpl-2")))
    assert home.reasons() == [(1, "bad_number")]
    assert home.accounts() == [(2, 1, 1, 0)]


def test_a_count_of_the_largest_size_is_taken_exactly(loaded):
    largest = 10**12
    usage = {"prompt_tokens_details": {"cached_tokens": largest}}
    row = loaded(
        "prompt_tokens, cache_read_tokens",
        prompt_tokens=largest,
        metadata={"usage_object": usage},
    )
    assert row == (largest, largest)


def test_empty_texts_are_null_and_a_missing_number_is_not_zero(loaded):
    empty = dict.fromkeys(
        ("call_type", "api_key", "user", "team_id", "organization_id", "end_user", "model_id",
         "model_group", "api_base", "status", "cache_hit", "agent_id", "session_id", "metadata",
         "request_tags", "spend", "prompt_tokens", "endTime"), ""
    )  # fmt: skip
    row = loaded(
        "call_type, credential_id, user_id, team_id, organization_id, end_user_id, model_id, "
        "model_group, api_base, status, cache_hit, agent_id, session_id, credential_alias, "
        "request_tags, spend, prompt_tokens, ended_at, cache_read_tokens",
        **empty,
    )
    assert row == (None,) * 19


DETAILS = {
    "user_api_key_alias": "search",
    "usage_object": {
        "cache_read_input_tokens": 5,
        "cache_creation_input_tokens": 4,
        "prompt_tokens_details": {
            "cached_tokens": 5,
            "audio_tokens": 2,
            "image_tokens": 8,
            "video_tokens": 9,
            "cache_creation_token_details": {
                "ephemeral_5m_input_tokens": 3,
                "ephemeral_1h_input_tokens": 1,
            },
        },
        "completion_tokens_details": {
            "reasoning_tokens": 7,
            "audio_tokens": 6,
            "image_tokens": 10,
            "video_tokens": 11,
        },
        "server_tool_use": {"web_search_requests": 12},
        "seconds": 13.25,
        "citation_tokens": 14,
        "pages_processed": 15,
        "inference_geo": "us",
        "service_tier": "priority",
    },
}


@pytest.mark.parametrize("metadata", [DETAILS, json.dumps(DETAILS)])
def test_json_reads_the_same_as_an_object_and_inside_a_text(loaded, metadata):
    columns = (
        "credential_alias, cache_read_tokens, cache_write_tokens, cache_write_5m_tokens, "
        "cache_write_1h_tokens, input_audio_tokens, reasoning_tokens, output_audio_tokens, "
        "input_image_tokens, input_video_tokens, output_image_tokens, output_video_tokens, "
        "web_search_count, audio_second_count, citation_token_count, page_count, inference_geo, "
        "service_tier"
    )
    assert loaded(columns, metadata=metadata) == (
        "search", 5, 4, 3, 1, 2, 7, 6, 8, 9, 10, 11, 12, Decimal("13.25"), 14, 15, "us",
        "priority",
    )  # fmt: skip


@pytest.mark.parametrize("metadata", ["{broken", "no json"])
def test_metadata_that_cannot_be_read_refuses_the_record_and_not_the_file(home, logs, metadata):
    home.load(logs("a.jsonl", spend_log(metadata=metadata), spend_log("chatcmpl-2")))
    assert home.reasons() == [(1, "bad_metadata")]
    assert home.rows("request_id") == [("chatcmpl-2",)]


@pytest.mark.parametrize("metadata", [None, "null", "[]", '"text"', 12, {}])
def test_metadata_without_details_is_no_fault(loaded, metadata):
    assert loaded("cache_read_tokens, credential_alias", metadata=metadata) == (None, None)


@pytest.mark.parametrize(
    ("written", "tags"),
    [
        ('["prod", "blue"]', ["prod", "blue"]),
        (["prod", "blue"], ["prod", "blue"]),
        ("prod", ["prod"]),
        ('["broken', ['["broken']),
        ("[]", None), ([], None), ("null", None), (None, None),
    ],
)  # fmt: skip
def test_tags_are_always_a_json_array(loaded, written, tags):
    [text] = loaded("request_tags", request_tags=written)
    assert (json.loads(text) if text else None) == tags


@pytest.mark.parametrize("written", ["None", "True", "False", True, None])
def test_cache_hit_stays_as_it_is_written(loaded, written):
    expected = {True: "true", None: None}.get(written, written)
    assert loaded("cache_hit", cache_hit=written) == (expected,)


def test_of_an_address_only_the_host_is_kept(loaded):
    assert loaded("api_base", api_base="HTTPS://me:pw@gw.example.com:8443/v1?key=sk-1") == (
        "gw.example.com",
    )


def test_prompts_keys_and_people_never_reach_the_lake(home, logs):
    home.load(logs("a.jsonl", spend_log(), spend_log("", end_user="bob@example.com"), PROMPT))
    assert home.accounts() == [(3, 1, 2, 0)]
    stored = parquet_bytes(home.folder / "lake")
    for secret in (
        PROMPT,
        PLAIN_KEY,
        "ann@example.com",
        "bob@example.com",
        "user:pw",
        "sk-1",
        "10.1.2.3",
    ):
        assert secret.encode() not in stored


def test_pseudonyms_are_stable_salted_and_off_by_setting(tmp_path, logs):
    path = logs("a.jsonl", spend_log())

    def identifiers(name: str, **settings):
        home = Home(tmp_path / name)
        home.extra = {"bursar.salt": "pepper", **settings}
        home.load(path)
        return home.first("credential_id, user_id")

    expected = hashlib.sha256(f"pepper:{PLAIN_KEY}".encode()).hexdigest()[:32]
    assert identifiers("one")[0] == expected
    assert identifiers("one_again") == identifiers("two")
    assert identifiers("salted", **{"bursar.salt": "it's"})[0] != expected
    plain = identifiers("plain", **{"bursar.hash_identifiers": False})
    assert plain == (PLAIN_KEY, "ann@example.com")


BAD_LINES = [
    '{"request_id": "a", broken', "[1, 2]", '"text"', "null", "12", "{}", "", "   ", "\t\r",
    json.dumps(spend_log("")), json.dumps(spend_log(None)),
    json.dumps(spend_log("one")) + json.dumps(spend_log("two")), "\x00\x00",
]  # fmt: skip


def test_refused_lines_are_named_by_their_line_in_the_file(home, logs):
    home.load(logs("a.jsonl.gz", spend_log("first"), *BAD_LINES, spend_log("last")))
    assert home.reasons() == [
        (2, "malformed_json"), (3, "not_an_object"), (4, "not_an_object"), (5, "not_an_object"),
        (6, "not_an_object"), (7, "missing_request_id"), (11, "missing_request_id"),
        (12, "missing_request_id"), (13, "malformed_json"), (14, "malformed_json"),
    ]  # fmt: skip
    assert home.rows("request_id") == [("first",), ("last",)]
    assert home.accounts() == [(12, 2, 10, 0)]
    assert all(home.rows("length(remedy) > 20 and location like '%/a.jsonl.gz'", "quarantine"))


def test_a_file_of_which_nothing_can_be_read_any_more_stands_as_it_was(home, logs):
    home.load(logs("a.jsonl", spend_log("first"), spend_log("second")))
    renamed = [
        json.dumps(spend_log(name)).replace('"request_id"', '"id"') for name in ("first", "third")
    ]
    report = home.load(path := logs("a.jsonl", *renamed))
    [fault] = report.faults
    assert f"{path}: none of its 2 records can be read (line 1: missing_request_id)" in fault
    assert (report.units, home.reasons()) == (0, [])
    assert home.load(path).faults  # until it is mended
    assert home.load(logs("a.jsonl", spend_log("third"), renamed[0])).records_loaded == 1


def test_bytes_that_are_no_text_cost_their_own_line(home, tmp_path):
    path = tmp_path / "a.jsonl"
    good = [json.dumps(spend_log(name)).encode() for name in ("a", "b")]
    path.write_bytes(b"\n".join([good[0], b'{"request_id": "\xe9"}', b"\xff\xfe\x00", good[1]]))
    home.load(path)
    assert home.reasons() == [(2, "malformed_json"), (3, "malformed_json")]
    assert home.accounts() == [(4, 2, 2, 0)]


def test_source_line_is_the_record_number_in_a_file_of_many_batches(home, logs):
    count = 250_000
    line = json.dumps(spend_log("REQUEST", metadata="{}", messages="", response=""))
    lines = [line.replace("REQUEST", str(number)) for number in range(1, count + 1)]
    lines[200_000] = "broken"
    home.load(logs("a.jsonl", *lines))
    assert home.rows("count(*), count(*) filter (source_line = request_id::bigint)") == [
        (count - 1, count - 1)
    ]
    assert home.reasons() == [(200_001, "malformed_json")]


def test_a_file_that_breaks_off_keeps_what_came_before(home, tmp_path):
    body = b"".join(json.dumps(spend_log(str(n))).encode() + b"\n" for n in range(30_000))
    whole = gzip.compress(body)
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(whole[: len(whole) // 2])
    report = home.load(path)
    assert "breaks off after record" in report.faults[0]
    [(read, loaded, quarantined, _)] = home.accounts()
    assert read == loaded + 1
    assert quarantined == 1
    assert home.reasons() == [(read, "unreadable_rest")]
    assert home.load(path).units == 0
    path.write_bytes(whole)
    assert home.load(path).records_loaded == 30_000


@pytest.mark.parametrize("content", [b"no gzip at all", gzip.compress(b"x" * 5000, mtime=0)[:20]])
def test_a_file_that_is_no_gzip_is_one_refused_record(home, tmp_path, content):
    (tmp_path / "a.jsonl.gz").write_bytes(content)
    report = home.load(tmp_path / "a.jsonl.gz")
    assert len(report.faults) == 1
    assert home.accounts() == [(1, 0, 1, 0)]


@pytest.mark.parametrize("place", [20, 0.5])
def test_every_record_of_a_damaged_file_that_can_be_counted_is(home, tmp_path, place):
    whole = gzip.compress(
        b"".join(json.dumps(spend_log(str(n))).encode() + b"\n" for n in range(5_000)), mtime=0
    )
    start = place if isinstance(place, int) else int(len(whole) * place)
    (tmp_path / "a.jsonl.gz").write_bytes(whole[:start] + b"\xaa" * 40 + whole[start + 40 :])
    report = home.load(tmp_path / "a.jsonl.gz")
    [(_, loaded, refused, _)] = home.accounts()
    assert refused > 0
    assert (len(home.rows("1")), len(home.reasons())) == (loaded, refused)
    assert all("breaks off" in fault for fault in report.faults)


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_an_empty_file_is_a_unit_without_records(home, tmp_path, name):
    (tmp_path / name).touch()
    assert home.load(tmp_path / name).faults == []
    assert home.accounts() == [(0, 0, 0, 0)]
    assert home.load(tmp_path / name).units == 0


def test_a_line_of_many_megabytes_loads(home, logs):
    home.load(logs("a.jsonl", spend_log(messages="x" * (20 << 20)), spend_log("chatcmpl-2")))
    assert home.accounts() == [(2, 2, 0, 0)]


def test_a_line_beyond_all_measure_ends_the_file_and_says_so(home, logs, monkeypatch):
    # DuckDB's least limit is 16 MiB, and it reads in pieces of twice the limit.
    monkeypatch.setattr("pipelines.sources.json_files.LONGEST_RECORD_BYTES", 16 << 20)
    monkeypatch.setattr("pipelines.sources.json_files.ROWS_A_BATCH", 2048)
    good = [spend_log(str(n), messages="y" * 10_000) for n in range(8_000)]
    path = logs("a.jsonl", *good, spend_log(messages=PROMPT * 1_000_000))
    [fault] = home.load(path).faults
    assert "breaks off after record" in fault
    assert PROMPT not in fault
    [(read, loaded, refused, _)] = home.accounts()
    assert (read, refused) == (loaded + 1, 1)
    assert home.reasons() == [(read, "unreadable_rest")]
    assert home.load(path).units == 0


def test_a_fault_that_is_not_the_files_commits_nothing(home, logs, monkeypatch):
    path = logs("a.jsonl", spend_log())
    with monkeypatch.context() as patched:
        patched.setattr("pipelines.sources.litellm.records.RECORD_SHAPE", "no json")
        assert len(home.load(path).faults) == 1
    assert home.accounts() == []
    assert home.load(path).records_loaded == 1


def test_a_repeated_record_is_kept_with_both_its_places(home, logs):
    home.load(logs("a.jsonl", spend_log(spend=1), spend_log(spend=2)))
    assert home.rows("request_id, source_line, spend") == [
        ("chatcmpl-1", 1, Decimal(1)),
        ("chatcmpl-1", 2, Decimal(2)),
    ]


def test_a_unit_covers_the_period_of_its_records(home, logs):
    late = spend_log("b", startTime="2026-01-25 00:00:00")
    home.load(logs("a.jsonl", late, spend_log("a"), spend_log("c", startTime="never")))
    [bounds] = home.rows("covers_from::timestamp, covers_to::timestamp", "load_units")
    assert bounds == (MOMENT, datetime.fromisoformat("2026-01-25"))


def test_a_wrong_database_address_is_said_before_anything_loads(home, logs):
    with pytest.raises(SettingsError, match="DATABASE_URL is not an address"):
        home.load(logs("a.jsonl", spend_log()), database_url="nonsense")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)
RECORDS = st.dictionaries(st.sampled_from(sorted(spend_log())), JSON_VALUES).map(
    lambda changes: json.dumps(spend_log(**changes))
)
LINES = st.lists(
    RECORDS
    | JSON_VALUES.map(json.dumps)
    | st.text(max_size=40).map(lambda text: text.replace("\n", "")),
    max_size=30,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lines=LINES)
def test_whatever_the_lines_say_every_record_is_loaded_or_refused(tmp_path_factory, lines):
    home = Home(tmp_path_factory.mktemp("any"))
    path = home.folder / "any.jsonl"
    # One line alone may be an array of records.
    lines = [json.dumps(spend_log("first")), *lines]
    path.write_bytes("\n".join(lines).encode("utf-8", "replace"))
    report = home.load(path)
    assert report.faults == []
    expected = sum(1 for line in lines if line.strip(" \t\r\f\v"))
    assert report.records_read == expected == report.records_loaded + report.records_quarantined
    assert len(home.rows("1")) == report.records_loaded
    assert len(home.reasons()) == report.records_quarantined
