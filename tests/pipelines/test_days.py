"""Records by day: what is asked for, what is sent again, and what must not be forgotten."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from pipelines.config import SettingsError, SourceSettings
from pipelines.sources.days import Daily, day_table, load_days, read_first_day
from pipelines.sources.records import Field, json_sql
from pipelines.sources.rest import ApiError
from tests.api_sources import Extraction, extract

NOW = datetime(2026, 9, 4, 12, tzinfo=UTC)
FIRST = date(2026, 9, 1)
FIELDS = (
    Field("event_at", "moment", is_required=True),
    Field("amount", "decimal", is_required=True),
    Field("region"),
    Field("user_id", is_personal=True),
)


class Provider:
    """Pages by day as a test sets them, and which days were asked for."""

    def __init__(self, **options: Any) -> None:
        self.days: dict[date, Any] = {}
        self.asked: list[date] = []
        self.restate_days = 1
        self.now = NOW
        self.kind = Daily(
            endpoint="events",
            table="events",
            location="/events",
            records="$.page.items[*]",
            moment="event_at",
            **{
                "fields": FIELDS,
                "given": {"organization_id": "acme", "region": "eu"},
                **options,
            },
        )

    def pages(self, day: date) -> Iterator[str]:
        self.asked.append(day)
        found = self.days.get(day, [[]])
        if isinstance(found, Exception):
            raise found
        for page in found:
            yield page if isinstance(page, str) else json.dumps({"page": {"items": page}})

    def load(self, before: Extraction | None = None) -> Extraction:
        """Load after what was loaded before; `known` of the result is what the lake then knows."""
        self.asked = []

        def run(context: Any) -> Iterator[Any]:
            try:
                yield from load_days(context, self.kind, self.pages, first=FIRST)
            except ApiError as failure:
                context.fail_later(str(failure))

        columns = self.kind.columns or day_table(self.kind.fields, tuple(self.kind.given))
        module = SimpleNamespace(NAME="acme", TABLES={"events": columns}, extract=run)
        known = before.all_known if before else {}  # type: ignore[attr-defined]
        settings = {"restate_days": self.restate_days}
        found = extract(module, settings, known=known, now=self.now)  # type: ignore[arg-type]
        found.all_known = found.known(known)  # type: ignore[attr-defined]
        return found


def event(moment: str = "2026-09-01T08:00:00Z", amount: Any = 1, **more: Any) -> dict[str, Any]:
    return {"event_at": moment, "amount": amount, **more}


def unit(day: int) -> str:
    return f"events:2026-09-{day:02d}T00:00:00Z"


def test_each_day_is_a_unit_and_an_empty_day_is_known_to_be_empty() -> None:
    provider = Provider()
    provider.days[FIRST] = [[event(), event(amount=2)], [event(amount=3)]]
    found = provider.load()
    assert provider.asked == [FIRST + timedelta(number) for number in range(4)]
    rows = [(row["load_unit_id"], row["source_line"]) for row in found.tables["events"]]
    assert rows == [(unit(1), 1), (unit(1), 2), (unit(1), 3)]
    assert [row["load_unit_id"] for row in found.tables["load_units"]] == [
        unit(day) for day in (1, 2, 3, 4)
    ]
    empty = found.unit(unit(2))
    assert (empty["records_read"], empty["is_complete"]) == (0, True)
    assert empty["covers_from"] == datetime.fromisoformat("2026-09-02")
    assert empty["covers_to"] == datetime.fromisoformat("2026-09-03")


def test_a_day_that_says_the_same_in_another_order_is_not_sent_again() -> None:
    provider = Provider()
    provider.restate_days = 9
    provider.days[FIRST] = [[event(amount=1), event(amount=2)]]
    first = provider.load()
    provider.days[FIRST] = [[event(amount=2)], [event(amount=1)], [event(amount=2)]]
    again = provider.load(first)
    assert FIRST in provider.asked
    assert again.tables == {"load_units": []}


def test_a_restated_day_replaces_what_it_said_within_the_days_that_are_asked_again() -> None:
    provider = Provider()
    provider.restate_days = 2
    first = provider.load()
    for day in (1, 2, 3):
        provider.days[date(2026, 9, day)] = [[event(f"2026-09-{day:02d}", day)]]
    again = provider.load(first)
    assert provider.asked == [date(2026, 9, 3), date(2026, 9, 4)]
    assert [row["load_unit_id"] for row in again.tables["events"]] == [unit(3)]
    provider.days[date(2026, 9, 3)] = [[]]
    emptied = provider.load(again)
    assert "events" not in emptied.tables
    assert emptied.unit(unit(3))["records_read"] == 0


def test_a_day_that_was_not_over_is_asked_for_again_however_late() -> None:
    provider = Provider()
    first = provider.load()
    assert first.unit(unit(4))["is_complete"] is False
    provider.now = NOW + timedelta(10)
    later = provider.load(first)
    assert provider.asked[0] == date(2026, 9, 4)
    assert date(2026, 9, 3) not in provider.asked
    assert later.unit(unit(4))["is_complete"] is True


def test_what_overlapping_pages_give_twice_counts_once() -> None:
    provider = Provider()
    provider.days[FIRST] = [[event(amount=1), event(amount=2)], [event(amount=2), event(amount=3)]]
    found = provider.load()
    assert [row["amount"] for row in found.tables["events"]] == [1, 2, 3]
    account = found.unit(unit(1))
    assert (account["records_read"], account["records_duplicate"]) == (4, 1)


def test_a_record_of_another_day_belongs_to_that_day() -> None:
    provider = Provider()
    everything = [[event("2026-09-01T23:59:59.999Z", 1), event("2026-09-02T00:00:00Z", 2)]]
    provider.days = dict.fromkeys((FIRST, date(2026, 9, 2), date(2026, 9, 3)), everything)
    found = provider.load()
    rows = [(row["load_unit_id"], row["amount"]) for row in found.tables["events"]]
    assert rows == [(unit(1), 1), (unit(2), 2)]
    assert [found.unit(unit(day))["records_read"] for day in (1, 2, 3)] == [1, 1, 0]


def test_a_bad_record_is_refused_and_the_others_are_kept() -> None:
    provider = Provider()
    provider.days[FIRST] = [[event(), event(amount="much"), 3, None, event(""), event("never")]]
    found = provider.load()
    assert len(found.tables["events"]) == 1
    assert [(row["source_line"], row["reason"]) for row in found.tables["quarantine"]] == [
        (2, "bad_number"), (3, "malformed_json"), (4, "malformed_json"),
        (5, "bad_timestamp"), (6, "bad_timestamp"),
    ]  # fmt: skip
    assert found.unit(unit(1))["records_quarantined"] == 5


@pytest.mark.parametrize("count", [1, 30])
def test_a_day_of_another_shape_keeps_what_it_held_and_the_others_load(count: int) -> None:
    provider = Provider()
    provider.restate_days = 9
    provider.days[FIRST] = [[event()]]
    first = provider.load()
    provider.days[FIRST] = [[{"when": "2026-09-01", "value": number} for number in range(count)]]
    provider.days[date(2026, 9, 2)] = [[event("2026-09-02")]]
    again = provider.load(first)
    assert [row["load_unit_id"] for row in again.tables["load_units"]] == [unit(2)]
    [fault] = again.faults
    assert fault.startswith(f"2026-09-01: acme /events: none of its {count} records can be read")


@pytest.mark.parametrize("page", ['{"page": {"rows": []}}', '{"page": null}', "[]", '{"a": 1}'])
def test_a_page_without_a_list_empties_no_day(page: str) -> None:
    provider = Provider()
    provider.restate_days = 9
    provider.days[FIRST] = [[event()]]
    first = provider.load()
    provider.days[FIRST] = [page]
    again = provider.load(first)
    assert again.tables == {"load_units": []}
    [fault] = again.faults
    assert "holds no list $.page.items" in fault


def test_a_day_that_the_api_refuses_does_not_keep_the_later_ones_out() -> None:
    provider = Provider()
    for day in (1, 2):
        provider.days[date(2026, 9, day)] = ApiError("no such day", status=400)
    found = provider.load()
    assert [row["load_unit_id"] for row in found.tables["load_units"]] == [unit(3), unit(4)]
    assert found.faults == ["2026-09-01: no such day (2 days are like that)"]


def test_an_api_that_does_not_answer_is_not_asked_for_every_day() -> None:
    provider = Provider()
    provider.days[date(2026, 9, 2)] = ApiError("it keeps failing", status=500)
    found = provider.load()
    assert provider.asked == [FIRST, date(2026, 9, 2)]
    assert [row["load_unit_id"] for row in found.tables["load_units"]] == [unit(1)]
    assert found.faults == ["it keeps failing"]
    provider.days.clear()
    assert [row["load_unit_id"] for row in provider.load(found).tables["load_units"]] == [
        unit(2), unit(3), unit(4),
    ]  # fmt: skip


def test_amounts_keep_every_digit_and_persons_become_pseudonyms() -> None:
    provider = Provider()
    page = (
        '{"page": {"items": [{"event_at": "2026-09-01", "user_id": "ann@example.com", '
        '"amount": 12345678.123456789012}]}}'
    )
    provider.days[FIRST] = [page]
    [row] = provider.load().tables["events"]
    assert row["amount"] == Decimal("12345678.123456789012")
    assert row["user_id"] not in (None, "ann@example.com")


def test_what_is_given_fills_what_a_record_does_not_say() -> None:
    provider = Provider()
    provider.days[FIRST] = [[event(amount=1), event(amount=2, region="us")]]
    rows = provider.load().tables["events"]
    assert [(row["organization_id"], row["region"]) for row in rows] == [
        ("acme", "eu"), ("acme", "us"),
    ]  # fmt: skip


def test_another_account_is_another_content() -> None:
    first = Provider()
    second = Provider(given={"organization_id": "other", "region": "eu"})
    second.restate_days = 9
    assert second.load(first.load()).unit(unit(1))["records_read"] == 0


def test_a_source_may_type_its_records_itself() -> None:
    def typed(context: Any, lines: str) -> str:
        return json_sql(FIELDS, context, lines)

    provider = Provider(fields=(), given={}, columns=day_table(FIELDS), typed_sql=typed)
    provider.days[FIRST] = [[event(), event(), event(amount="much"), 3]]
    found = provider.load()
    assert len(found.tables["events"]) == 1
    assert [row["reason"] for row in found.tables["quarantine"]] == ["bad_number", "malformed_json"]
    assert found.unit(unit(1))["records_duplicate"] == 1


@pytest.mark.parametrize(
    ("settings", "furthest", "expected"),
    [
        ({}, None, date(2026, 6, 6)),
        ({}, 30, date(2026, 8, 5)),
        ({"start_date": "2026-09-02"}, 30, date(2026, 9, 2)),
        ({"start_date": "2026-01-01T00:00:00Z"}, None, date(2026, 1, 1)),
        ({"start_date": "2026-01-01"}, 30, date(2026, 8, 5)),
    ],
)
def test_the_first_day_is_set_or_as_far_back_as_the_api_answers(
    settings: dict[str, str], furthest: int | None, expected: date
) -> None:
    own = SourceSettings("acme", {f"sources.acme.{name}": one for name, one in settings.items()})
    assert read_first_day(own, NOW, furthest=furthest) == expected


def test_a_first_day_that_is_none_is_an_error() -> None:
    settings = SourceSettings("acme", {"sources.acme.start_date": "soon"})
    with pytest.raises(SettingsError, match="SOURCES__ACME__START_DATE is 'soon'"):
        read_first_day(settings, NOW)
