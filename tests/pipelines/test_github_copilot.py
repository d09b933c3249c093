"""GitHub Copilot: bills by day, seats by Link pages, reports behind links, and saved answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.config import SettingsError
from pipelines.sources import github_copilot
from tests.api_sources import NOW, Extraction, extract
from tests.small_api import Call, SmallApi
from tests.source_home import SourceHome

KEY = "Bearer ghp_billing"
DAY = NOW.date() - timedelta(1)
BILL = "/enterprises/octo-ent/settings/billing/ai_credit/usage"
SEATS = "/enterprises/octo-ent/copilot/billing/seats"
REPORTS = "/enterprises/octo-ent/copilot/metrics/reports/users-1-day"


def item(**changes: Any) -> dict[str, Any]:
    """Return a usage item in GitHub's shape."""
    return {
        "product": "Copilot", "sku": "copilot_ai_credit", "model": "Claude Haiku 4.5",
        "unitType": "ai-credits", "pricePerUnit": 0.01, "grossQuantity": 17.703495,
        "grossAmount": 2.362776, "discountQuantity": 11.507272, "discountAmount": 1.535805,
        "netQuantity": 6.196223, "netAmount": 0.826971, "user": "monalisa",
        "organization": "octodemo", **changes,
    }  # fmt: skip


def seat(login: str, team: str | None = "core", **changes: Any) -> dict[str, Any]:
    """Return a seat in GitHub's shape."""
    return {
        "created_at": "2021-08-03T18:00:00-06:00", "updated_at": "2021-09-23T15:00:00-06:00",
        "pending_cancellation_date": None, "last_activity_at": "2026-09-02T23:30:00-06:00",
        "last_activity_editor": "vscode/1.77.3/copilot/1.86.82", "plan_type": "business",
        "assignee": {"login": login, "id": 7, "avatar_url": f"https://x/{login}"},
        "assigning_team": {"slug": team, "name": team} if team else None, **changes,
    }  # fmt: skip


def person_day(login: str, day: date, **changes: Any) -> dict[str, Any]:
    """Return a line of a report of persons."""
    return {
        "day": f"{day}", "organization_id": "100000001", "enterprise_id": "200001",
        "user_id": 338097, "user_login": login, "user_initiated_interaction_count": 24,
        "code_generation_activity_count": 25, "code_acceptance_activity_count": 24,
        "totals_by_ide": [{"ide": "vscode"}], "used_chat": True, "loc_added_sum": 435,
        "ai_credits_used": 2.5, **changes,
    }  # fmt: skip


class GitHub:
    """Bills by day, seats in pages of two, and reports that lie behind links."""

    def __init__(self) -> None:
        self.url = ""
        self.items: dict[str, list[dict[str, Any]]] = {}
        self.seats: list[dict[str, Any]] = []
        self.reports: dict[str, list[str]] = {}
        self.next_host = ""

    def answer(self, call: Call) -> Any:
        """Answer as GitHub does."""
        query = call.query
        if call.path == BILL:
            day = f"{query['year']}-{int(query['month']):02}-{int(query['day']):02}"
            period = {name: int(query[name]) for name in ("year", "month", "day")}
            return {"timePeriod": period, "usageItems": self.items.get(day, [])}
        if call.path == SEATS:
            page = int(query.get("page", 1))
            found = self.seats[(page - 1) * 2 : page * 2]
            answer = {"total_seats": len(self.seats), "seats": found}
            if page * 2 >= len(self.seats):
                return answer
            link = f"{self.next_host or self.url}{SEATS}?per_page=100&page={page + 1}"
            return answer, {"Link": f'<{link}>; rel="next", <{link}>; rel="last"'}
        if call.path == REPORTS:
            if query["day"] not in self.reports:
                return 404
            count = len(self.reports[query["day"]])
            links = [f"{self.url}/signed/{query['day']}/{number}" for number in range(count)]
            return {"download_links": links, "report_day": query["day"]}
        if call.path.startswith("/signed/"):
            _, _, day, number = call.path.split("/")
            return self.reports[day][int(number)]
        return 404


@pytest.fixture
def provider() -> GitHub:
    return GitHub()


@pytest.fixture
def api(provider: GitHub) -> Iterator[SmallApi]:
    with SmallApi(provider.answer, key=KEY, open_paths=("/signed/",)) as served:
        provider.url = served.url
        yield served


def load(api: SmallApi, known: Any = None, now: datetime = NOW, **settings: Any) -> Extraction:
    own = {
        "base_url": api.url, "admin_key": "ghp_billing", "enterprise": "octo-ent",
        "start_date": str(DAY), "request_attempts": 3, "organization_id": "acme",
        "metrics_report": "",
    }  # fmt: skip
    return extract(github_copilot, own | settings, known=known, now=now)


def test_an_item_is_kept_with_its_amounts_its_day_and_its_person_as_a_pseudonym(
    api: SmallApi, provider: GitHub
) -> None:
    premium = item(sku="copilot_premium_request", unitType="requests", pricePerUnit=0.04)
    provider.items[f"{DAY}"] = [item(), premium]
    row, other = load(api).tables["billing_items"]
    person = row.pop("user_id")
    assert person not in (None, "monalisa")
    assert row == {
        "load_unit_id": f"billing/ai_credit/octo-ent:{DAY}T00:00:00Z", "source_line": 1,
        "organization_id": "acme", "usage_date": datetime.fromisoformat(f"{DAY}T00:00:00"),
        "is_month": None, "product": "Copilot", "sku": "copilot_ai_credit",
        "model": "Claude Haiku 4.5", "unit_type": "ai-credits",
        "price_per_unit": Decimal("0.01"), "gross_quantity": Decimal("17.703495"),
        "gross_amount": Decimal("2.362776"), "discount_quantity": Decimal("11.507272"),
        "discount_amount": Decimal("1.535805"), "net_quantity": Decimal("6.196223"),
        "net_amount": Decimal("0.826971"), "organization": "octodemo", "repository": None,
        "cost_center": None,
    }  # fmt: skip
    assert (other["unit_type"], other["price_per_unit"]) == ("requests", Decimal("0.04"))


def test_an_empty_day_is_known_to_be_empty_and_a_restated_one_replaces_itself(
    api: SmallApi, provider: GitHub
) -> None:
    provider.items[f"{DAY}"] = [item()]
    first = load(api)
    today = first.unit(f"billing/ai_credit/octo-ent:{NOW.date()}T00:00:00Z")
    assert (today["records_read"], today["is_complete"]) == (0, False)
    provider.items[f"{DAY}"] = [item(netAmount=0.5)]
    again = load(api, first.known())
    [row] = again.tables["billing_items"]
    assert row["net_amount"] == Decimal("0.5")
    assert load(api, again.known(first.known())).tables["load_units"] == []


def test_seats_come_by_link_pages_and_duplicates_are_kept_apart(
    api: SmallApi, provider: GitHub
) -> None:
    provider.seats = [
        seat("octocat", "alpha"), seat("octocat", "beta"),
        seat("hubot", None, last_activity_at=None, plan_type=None), seat("mona", "beta"),
        seat("defunkt", "beta", assignee={"login": "defunkt", "id": "7"}),
    ]  # fmt: skip
    found = load(api)
    rows = found.tables["seats"]
    assert found.faults == []
    assert [row["assigning_team"] for row in rows] == ["alpha", "beta", None, "beta", "beta"]
    assert rows[0]["user_id"] == rows[1]["user_id"] != rows[2]["user_id"]
    # A number in one answer and a text in another are the same person's.
    assert rows[0]["assignee_id"] == rows[4]["assignee_id"] is not None
    assert rows[0]["last_activity_at"] == datetime.fromisoformat("2026-09-03T05:30:00")
    assert (rows[2]["last_activity_at"], rows[2]["plan_type"]) == (None, None)
    unit = found.unit(f"seats/octo-ent:{NOW.date()}T00:00:00Z")
    assert (unit["records_loaded"], unit["is_complete"]) == (5, True)
    pages = [call.query for call in api.calls if call.path == SEATS]
    assert [page.get("page") for page in pages] == [None, "2", "3"]
    assert {page["per_page"] for page in pages} == {"100"}


def test_a_seat_list_of_another_day_is_another_sighting(api: SmallApi, provider: GitHub) -> None:
    provider.seats = [seat("octocat")]
    first = load(api)
    assert load(api, first.known()).tables["seats"] == []
    tomorrow = load(api, first.known(), now=NOW + timedelta(1))
    assert [row["seen_at"].date() for row in tomorrow.tables["seats"]] == [
        NOW.date() + timedelta(1)
    ]


def test_the_key_never_goes_to_another_host(api: SmallApi, provider: GitHub) -> None:
    provider.seats = [seat(f"p{number}") for number in range(5)]
    provider.next_host = "https://elsewhere.example"
    found = load(api)
    assert found.tables["seats"] == []
    assert ["another host" in fault for fault in found.faults] == [True]


def test_reports_of_persons_are_read_behind_their_links_without_the_key(
    api: SmallApi, provider: GitHub
) -> None:
    lines = [person_day("hubot", DAY), person_day("mona", DAY, organization_id=100000001)]
    document = {"day_totals": [person_day("octocat", DAY)], "organization_id": "1"}
    provider.reports[f"{DAY}"] = [
        "\n".join(json.dumps(line) for line in lines) + "\n", json.dumps(document),
    ]  # fmt: skip
    found = load(api, metrics_report="users-1-day", metrics_lag_days=0)
    rows = found.tables["activity"]
    assert found.faults == []
    assert len({row["user_id"] for row in rows}) == 3
    assert {row["github_organization_id"] for row in rows} == {"100000001"}
    assert rows[0]["ai_credits_used"] == Decimal("2.5")
    assert (rows[0]["interaction_count"], rows[0]["used_chat"]) == (24, True)
    signed = [call for call in api.calls if call.path.startswith("/signed/")]
    assert [call.authorization for call in signed] == ["", ""]


def test_a_report_that_is_not_made_yet_keeps_its_day_open(api: SmallApi, provider: GitHub) -> None:
    found = load(api, metrics_report="users-1-day", metrics_lag_days=3)
    assert [call for call in api.calls if call.path == REPORTS] == []
    assert found.faults == []
    found = load(api, metrics_report="users-1-day", metrics_lag_days=0)
    assert ["no /enterprises" in fault for fault in found.faults] == [True]
    assert found.tables["activity"] == []


def test_the_second_generation_is_asked_by_day(api: SmallApi) -> None:
    day = {
        "date": f"{DAY}", "total_active_users": 4, "total_engaged_users": 4,
        "copilot_ide_code_completions": {"editors": [{"models": [{"languages": [
            {"total_code_suggestions": 3, "total_code_acceptances": 1},
            {"total_code_suggestions": 4, "total_code_acceptances": 2},
        ]}]}]},
        "copilot_ide_chat": {"editors": [{"models": [{"total_chats": 34}, {"total_chats": 10}]}]},
    }  # fmt: skip

    def answer(call: Call) -> Any:
        if call.path != "/enterprises/octo-ent/copilot/metrics":
            return {"usageItems": [], "seats": []}
        return [day] if call.query["since"] == f"{DAY}" else []

    api.answer = answer
    [row] = load(api, metrics_report="metrics", metrics_lag_days=0).tables["activity"]
    assert (row["generation"], row["active_user_count"], row["user_id"]) == ("metrics", 4, None)
    assert (row["suggestion_count"], row["acceptance_count"], row["chat_count"]) == (7, 3, 44)
    # What a generation does not tell is unknown, not none.
    assert (row["lines_suggested_count"], row["interaction_count"]) == (None, None)


def test_the_first_generation_is_read_from_files(tmp_path: Path) -> None:
    days = [
        {
            "day": f"2023-10-{15 + number}", "total_suggestions_count": 1000 + number,
            "total_acceptances_count": 800, "total_lines_suggested": 1800,
            "total_lines_accepted": 1200, "total_active_users": 10, "total_chat_turns": 20,
            "breakdown": [{"language": "python", "suggestions_count": 300}],
        }
        for number in range(2)
    ]  # fmt: skip
    (tmp_path / "usage.json").write_text(json.dumps(days))
    first, second = extract(
        github_copilot, {"activity_files": [str(tmp_path / "usage.json")]}
    ).tables["activity"]
    assert (first["generation"], second["activity_date"].date()) == ("usage", date(2023, 10, 16))
    assert (first["suggestion_count"], second["suggestion_count"]) == (1000, 1001)
    assert (first["acceptance_count"], first["lines_accepted_count"]) == (800, 1200)
    assert (first["active_user_count"], first["chat_count"], first["user_id"]) == (10, 20, None)


def test_rate_limits_and_failures_are_waited_for(api: SmallApi, provider: GitHub) -> None:
    provider.items[f"{DAY}"] = [item()]
    provider.seats = [seat(f"p{number}") for number in range(3)]
    api.faults = [429, 500]
    found = load(api)
    assert (found.faults, len(found.tables["seats"])) == ([], 3)
    assert len(found.tables["billing_items"]) == 1


def test_a_refused_key_is_said_once_and_never_shown(api: SmallApi) -> None:
    found = load(api, admin_key="ghp_other")
    [fault] = found.faults
    assert "refused the admin key" in fault
    assert "ghp_other" not in fault
    assert len(api.calls) == 1


def test_an_enterprise_is_asked_instead_of_its_organisations(
    api: SmallApi, provider: GitHub
) -> None:
    load(api, organizations=["octodemo", "other"])
    assert {call.path.split("/")[1] for call in api.calls} == {"enterprises"}
    api.calls.clear()
    load(api, enterprise="", organizations=["octodemo"])
    assert {call.path.split("/")[2] for call in api.calls} == {"octodemo"}
    with pytest.raises(SettingsError, match="ENTERPRISE"):
        load(api, enterprise="")


def test_the_usage_report_as_csv_brings_persons_and_days(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text(
        "\ufeffdate,username,product,sku,model,quantity,unit_type,applied_cost_per_quantity,"
        "gross_amount,discount_amount,net_amount,total_monthly_quota,organization,repository,"
        "cost_center_name,aic_quantity,aic_gross_amount\n"
        '"2026-06-03","monalisa","Copilot","copilot_ai_credit","GPT-5.4","2.5","ai-credits",'
        '"0.01","0.036000000000000004","0","0.036000000000000004","300","octo","","CC 7","2","0"\n'
    )
    [row] = extract(github_copilot, {"files": [str(path)]}).tables["billing_items"]
    assert row["usage_date"] == datetime(2026, 6, 3)  # noqa: DTZ001
    assert (row["gross_quantity"], row["net_amount"]) == (Decimal("2.5"), Decimal("0.036"))
    assert (row["organization_id"], row["cost_center"]) == ("default", "CC 7")
    assert row["user_id"] not in (None, "monalisa")


def test_saved_seats_are_of_the_day_that_the_file_is_named_after(tmp_path: Path) -> None:
    for name, login in (("2026-05-02_seats.json", "mona"), ("seats.json", "hubot")):
        (tmp_path / name).write_text(json.dumps({"total_seats": 1, "seats": [seat(login)]}))
    found = extract(github_copilot, {"seat_files": [str(tmp_path)]})
    assert [row["seen_at"].date() for row in found.tables["seats"]] == [date(2026, 5, 2)]
    assert [row["reason"] for row in found.tables["quarantine"]] == ["bad_timestamp"]


def test_sums_of_28_days_are_refused_since_no_day_is_theirs(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    total = {"login": "mona", "user_id": 4, "total_active_days": 9, "ai_credits_used": 9.5}
    path.write_text(json.dumps({"report_start_day": "2026-03-29", "user_totals": [total]}))
    found = extract(github_copilot, {"activity_files": [str(path)]})
    assert [row["reason"] for row in found.tables["quarantine"]] == ["bad_timestamp"]


def test_no_person_reaches_the_lake(api: SmallApi, provider: GitHub, tmp_path: Path) -> None:
    home = SourceHome(tmp_path / "home", "github_copilot", "seats")
    today = datetime.now(UTC).date()
    provider.items[f"{today}"] = [item()]
    provider.seats = [seat("monalisa")]
    provider.reports[f"{today - timedelta(1)}"] = [json.dumps(person_day("monalisa", today))]
    report = home.load(
        base_url=api.url, admin_key="ghp_billing", enterprise="octo-ent", metrics_lag_days=0,
        start_date=f"{today - timedelta(1)}",
    )  # fmt: skip
    assert (report.faults, report.records_loaded) == ([], 2)
    kept = b"".join(path.read_bytes() for path in home.folder.rglob("*") if path.is_file())
    assert b"monalisa" not in kept
