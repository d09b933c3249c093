"""The organisation's files: typed, hashed as the logs are, and every bad line named."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.config import load_settings
from pipelines.lake import Lake
from pipelines.load import LoadContext, LoadReport, load_sources
from pipelines.sources.org.files import FILES

HEADERS = {file.file_name: ",".join(column.name for column in file.columns) for file in FILES}
# What organisations have from before there was the last column; without it a file is read as well.
EARLIER = {"teams.csv": HEADERS["teams.csv"].removesuffix(",company_id")}
SAID, ANN = "2026-01-01,a,USD", "Ann,2026-02-03"
REPOSITORY = Path(__file__).parent.parent.parent


class Organisation:
    """A folder of files and a home they are loaded into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "org"
        self.folder.mkdir()
        self.home = folder / "home"
        self.overrides: dict[str, Any] = {
            "bursar.org": str(self.folder),
            "bursar.pricing": str(self.folder),
            "bursar.policy": str(self.folder),
            "bursar.salt": "pepper",
        }

    def write(self, name: str, *lines: str) -> Path:
        path = self.folder / name
        path.write_text("\n".join([EARLIER.get(name, HEADERS[name]), *lines]) + "\n")
        return path

    def load(self, **overrides: Any) -> LoadReport:
        settings = load_settings(self.home, self.overrides | overrides)
        return load_sources(settings, ["org"], lambda *_: None)[0]

    def pseudonym(self, text: str) -> str | None:
        settings = load_settings(self.home, self.overrides)
        context = LoadContext(
            settings.source("org"), Lake(settings.lake_url), "pepper", True, None, lambda *_: None
        )
        return context.pseudonym(text)

    def rows(self, table: str, columns: str) -> list[Any]:
        if not list(self.home.glob(f"lake/raw_org/{table}/*/*.parquet")):
            return []
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            path = f"{self.home}/lake/raw_org/{table}/*/*.parquet"
            query = f"select {columns} from read_parquet(?) order by load_unit_id, source_line"
            return connection.sql(query, params=[path]).fetchall()


@pytest.fixture
def organisation(tmp_path: Path) -> Organisation:
    return Organisation(tmp_path)


def test_the_files_a_user_fills_have_the_columns_that_are_read():
    for file in FILES:
        folder = file.folder_setting.removesuffix("folder").rstrip("_") or "org"
        text = (REPOSITORY / "seeds" / folder / file.file_name).read_text()
        assert text.splitlines()[0] == HEADERS[file.file_name]


def test_only_identifiers_that_the_logs_hash_are_hashed(organisation):
    organisation.write(
        "owners.csv",
        "user,,alice@example.com,search,,",
        "credential,LiteLLM,88dc28d0f030c55ed4ab77ed8faf0981,search,,",
        "credential,OpenAI,key_1,search,,",
        "sub_account,,proj_1,search,,",
        "tag,,team=search,search,,",
        "gateway_team,LiteLLM,t-1,search,,",
    )
    organisation.write(
        "credentials.csv", "OpenAI,key_1,Batch jobs,gateway,,", "LiteLLM,abc,,direct,,"
    )
    assert organisation.load().faults == []
    assert [row[0] for row in organisation.rows("owners", "owner_key")] == [
        organisation.pseudonym("alice@example.com"),
        organisation.pseudonym("88dc28d0f030c55ed4ab77ed8faf0981"),
        "key_1",
        "proj_1",
        "team=search",
        "t-1",
    ]
    assert [row[0] for row in organisation.rows("credentials", "credential_id")] == [
        "key_1",
        organisation.pseudonym("abc"),
    ]


def test_identifiers_stay_plain_where_the_settings_say_so(organisation):
    organisation.write("owners.csv", "user,,alice@example.com,search,,")
    organisation.load(**{"bursar.hash_identifiers": False})
    assert organisation.rows("owners", "owner_key") == [("alice@example.com",)]


def test_dates_shares_and_prices_are_typed(organisation):
    organisation.write("teams.csv", 'search,"Search, and Ads",c1,,2025-01-01,2025-07-01', ",,,,,")
    organisation.write("shared_costs.csv", ",Tax,,FIXED,,search,0.333333333333,,,,")
    organisation.write(
        "overrides.csv", "OpenAI,gpt-4.1,cache_read,batch,0-200k,0.1255,USD,2025-01-01,,deal 7,"
    )
    assert organisation.load().faults == []
    assert organisation.rows("teams", "team_name, valid_from, valid_to") == [
        ("Search, and Ads", date(2025, 1, 1), date(2025, 7, 1))
    ]
    assert organisation.rows("shared_costs", "method, share") == [
        ("fixed", Decimal("0.333333333333"))
    ]
    assert organisation.rows("price_overrides", "unit_price_per_million, currency, reason") == [
        (Decimal("0.1255"), "USD", "deal 7")
    ]


def test_a_sign_off_may_be_for_less_than_nothing_and_names_who_signed(organisation):
    organisation.write(
        "reconciliation_signoffs.csv",
        "2026-01-01,OpenAI,org-1,USD,,,,-5.25,,Ada,2026-02-03,rounding of the reseller",
    )
    report = organisation.load()
    columns = "unexplained_cost, effective_unexplained_cost, signed_off_by, signed_off_on"
    assert report.faults == []
    assert organisation.rows("reconciliation_signoffs", columns) == [
        (Decimal("-5.25"), None, "Ada", date(2026, 2, 3))
    ]


@pytest.mark.parametrize(
    ("name", "bad", "reason", "word"),
    [
        ("owners.csv", "robot,,x,search,,", "bad_value", "owner_kind"),
        ("owners.csv", "service_account,,x,search,,", "bad_value", "owner_kind"),
        ("owners.csv", "user,,,search,,", "missing_value", "owner_key"),
        ("owners.csv", "user,,x,search,2025-02-30,", "bad_timestamp", "valid_from"),
        ("owners.csv", "user,,x,search,1/2/25,", "bad_timestamp", "valid_from"),
        ("owners.csv", "user,,x,search,2025-01-01,2025-01-01", "bad_period", "valid_to"),
        ("owners.csv", "user,,x,search", "wrong_field_count", "fields"),
        ("teams.csv", "search,,,nobody,,", "unknown_parent", "parent_team_id"),
        ("teams.csv", "search,,,search,,", "parent_cycle", "above itself"),
        ("shared_costs.csv", ",,,fixed,,search,1.5,,,,", "bad_number", "share"),
        ("shared_costs.csv", ",,,fixed,,search,,,,,", "missing_value", "share"),
        ("shared_costs.csv", ",,,fixed,tokens,search,0.5,,,,", "bad_value", "allocation_driver"),
        ("shared_costs.csv", ",,,proportional,words,,,,,,", "bad_value", "allocation_driver"),
        ("shared_costs.csv", ",,,tiered,tokens,,,5,,,", "missing_value", "tier_weight"),
        ("shared_costs.csv", ",,,tiered,tokens,,,5,1.5,,", "bad_number", "tier_weight"),
        ("shared_costs.csv", ",,,tiered,cost,,,0.0000001,1,,", "bad_number", "six decimals"),
        ("shared_costs.csv", ",,,even,,,,5,1,,", "bad_value", "tiered"),
        ("ai_systems.csv", "bot,,a,robot,,x,,", "bad_value", "member_kind"),
        ("ai_systems.csv", "bot,,,agent,,x,,", "missing_value", "team_id"),
        ("ai_systems.csv", ",,a,agent,,x,,", "missing_value", "ai_system_id"),
        ("ai_systems.csv", "bot,,a,agent,,,,", "missing_value", "member_key"),
        ("ai_systems.csv", "bot,,a,tag,,app,,", "bad_value", "key=value"),
        ("ai_systems.csv", "bot,,a,tag,,=app,,", "bad_value", "key=value"),
        ("ai_systems.csv", "bot,,a,agent,,x,2026-01-02,2026-01-02", "bad_period", "valid_to"),
        ("statement_acceptances.csv", f"{SAID},agreed,5,,,{ANN},", "bad_value", "accepted"),
        ("statement_acceptances.csv", f"{SAID},accepted,,,,{ANN},", "missing_value", "cost"),
        ("statement_acceptances.csv", f"{SAID},accepted,5,2,,{ANN},", "bad_value", "dispute"),
        ("statement_acceptances.csv", f"{SAID},accepted,5,,Chat,{ANN},", "bad_value", "whole"),
        ("statement_acceptances.csv", f"{SAID},disputed,5,,,{ANN},why", "missing_value", "much"),
        ("statement_acceptances.csv", f"{SAID},disputed,5,2,,{ANN},", "missing_value", "why"),
        ("statement_acceptances.csv", f"{SAID},accepted,5,,,,2026-02-03,", "missing_value", "by"),
        (
            "statement_acceptances.csv",
            f"{SAID},accepted,5,,,Ann,2999-02-03,",
            "bad_timestamp",
            "future",
        ),
        (
            "statement_acceptances.csv",
            f"2026-01-01,a,usd,accepted,5,,,{ANN},",
            "bad_value",
            "ISO 4217",
        ),
        ("invoice_payments.csv", "P,a,i,EUR,5,2026-01-02,usd,6,", "bad_value", "ISO 4217"),
        ("invoice_payments.csv", "P,a,i,EUR,5,2999-01-02,USD,6,", "bad_timestamp", "future"),
        ("invoice_payments.csv", "P,a,i,EUR,5,2026-01-02,EUR,6,", "bad_number", "same amount"),
        ("gl_accounts.csv", ",a,,64,21,,,,,,", "missing_value", "service_provider_name"),
        ("chargeback_fees.csv", "Desk,,,,,7900,,,", "missing_value", "give one"),
        ("chargeback_fees.csv", "Desk,,5,5,EUR,7900,,,", "missing_value", "give one"),
        ("chargeback_fees.csv", "Desk,,,5,euro,7900,,,", "bad_value", "ISO 4217"),
        ("chargeback_fees.csv", "Desk,,,5,,7900,,,", "bad_value", "ISO 4217"),
        ("chargeback_fees.csv", "Desk,,101,,,7900,,,", "bad_number", "fee_percent"),
        ("chargeback_fees.csv", "Desk,,0.0000001,,,7900,,,", "bad_number", "six decimals"),
        ("chargeback_fees.csv", "Desk,,5,,,,,,", "missing_value", "recovery_account"),
        ("budgets.csv", "crew,a,month,1,USD,,,,", "bad_value", "scope_kind"),
        ("budgets.csv", "team,a,year,1,USD,,,,", "bad_value", "period"),
        ("budgets.csv", "team,a,month,0,USD,,,,", "bad_number", "above zero"),
        ("budgets.csv", "team,a,month,1,usd,,,,", "bad_value", "ISO 4217"),
        ("budgets.csv", "team,a,month,1,USD,80%,,,", "bad_value", "0.5;0.8;1"),
        ("budgets.csv", "team,a,month,1,USD,0.5;0,,,", "bad_value", "0.5;0.8;1"),
        ("budgets.csv", "team,a,month,1,USD,1;1;1;1;1;1;1,,,", "bad_value", "0.5;0.8;1"),
        ("fx_rates.csv", "2026-01-01,EUR,USD,0,,", "bad_number", "1000000 or more"),
        ("fx_rates.csv", "2026-01-01,IRR,USD,0.0000009,,", "bad_number", "1000000 or more"),
        ("fx_rates.csv", "2026-01-01,EUR,USD,1000001,,", "bad_number", "1000000"),
        ("fx_rates.csv", "2026-01-01,euro,USD,1,,", "bad_value", "ISO 4217"),
        ("fx_rates.csv", "2026-01-01,EUR,EUR,1,,", "bad_value", "two currencies"),
        ("fx_rates.csv", "2026-01,EUR,USD,1,,", "bad_timestamp", "rate_month"),
        ("outcomes.csv", "2026-01-01,search,tickets,1.5,", "bad_number", "whole units"),
        ("outcomes.csv", "2026-01-01,search,,1,", "missing_value", "outcome_kind"),
        ("reconciliation_tolerances.csv", "OpenAI,o,,,,,,", "missing_value", "amount"),
        ("reconciliation_tolerances.csv", "OpenAI,o,5,,,,,", "bad_value", "ISO 4217"),
        ("reconciliation_tolerances.csv", "OpenAI,o,-5,USD,,,,", "bad_number", "tolerance_amount"),
        ("reconciliation_tolerances.csv", "OpenAI,o,,,1.5,,,", "bad_number", "tolerance_share"),
        ("reconciliation_tolerances.csv", ",o,,,0.1,,,", "missing_value", "provider"),
        (
            "reconciliation_signoffs.csv",
            "2026-01-01,OpenAI,o,USD,,,,5,,,2026-02-03,rounding",
            "missing_value",
            "signed_off_by",
        ),
        (
            "reconciliation_signoffs.csv",
            "2026-01-01,OpenAI,o,USD,,,,five,,Ada,2026-02-03,rounding",
            "bad_number",
            "unexplained_cost",
        ),
        (
            "reconciliation_signoffs.csv",
            "2026-01-01,OpenAI,o,USD,,,,-1000000000000001,,Ada,2026-02-03,rounding",
            "bad_number",
            "1000000000000000",
        ),
        (
            "commitments.csv",
            "Microsoft,e,ptu-1,,reservation,,,15,PTU,300,EUR,2026-01-01,,,",
            "bad_value",
            "commitment_kind",
        ),
        (
            "commitments.csv",
            "Microsoft,e,ptu-1,,provisioned_throughput,,,0,PTU,300,EUR,2026-01-01,,,",
            "bad_number",
            "above zero",
        ),
        (
            "commitments.csv",
            "OpenAI,e,c,,prepaid_credit,,,100,USD,100,USD,2026-01-01,,INV-1,",
            "missing_value",
            "owner_team_id",
        ),
        (
            "commitments.csv",
            "OpenAI,e,c,,committed_spend,,,100,USD,0,USD,2026-01-01,,INV-1,platform",
            "bad_number",
            "monthly_cost",
        ),
        (
            "commitments.csv",
            "OpenAI,e,c,,prepaid_credit,,,1,USD,100,USD,2026-01-01,,INV-1,platform",
            "bad_number",
            "committed_quantity",
        ),
        ("overrides.csv", "OpenAI,m,output,,,-1,USD,,,,", "bad_number", "unit_price_per_million"),
        ("overrides.csv", "OpenAI,m,output,,,1000000001,USD,,,,", "bad_number", "1000000000"),
        ("overrides.csv", "OpenAI,m,words,,,1,USD,,,,", "bad_value", "token_class"),
    ],
)
def test_a_bad_line_is_refused_by_line_and_said_aloud(organisation, name, bad, reason, word):
    path = organisation.write(name, "", bad)
    report = organisation.load()
    [(line, found, remedy)] = organisation.rows("quarantine", "source_line, reason, remedy")
    assert (line, found) == (3, reason)
    assert word in remedy
    assert report.faults == [f"{path} line 3 was not taken. {remedy}"]
    assert (report.records_read, report.records_quarantined) == (1, 1)


def test_what_two_systems_claim_on_one_day_is_the_upper_lines(organisation):
    key = "credential,LiteLLM,"
    path = organisation.write(
        "ai_systems.csv",
        f"bot,Bot,a,{key}k-1,,2026-02-01",
        f"desk,Desk,b,{key}k-1,2026-02-01,",
        f"thief,,c,{key}k-1,2026-01-31,2026-02-01",
        "bot,Bot,a,credential,OpenAI,k-1,,",
        "bot,Bot,a,agent,,x,,2026-01-01",
        "bot,Bot,a,agent,,x,2025-12-31,",
        "desk,Desk,b,agent,OpenAI,x,,",
    )
    report = organisation.load()
    found = organisation.rows("quarantine", "source_line, reason")
    assert sorted(found) == [(4, "claimed_twice"), (7, "claimed_twice")]
    assert [fault.split(" was not taken. ")[0] for fault in report.faults] == [
        f"{path} line 4", f"{path} line 7",
    ]  # fmt: skip
    assert all("end one of the two" in fault for fault in report.faults)
    rows = organisation.rows("ai_systems", "ai_system_id, member_key, source_line")
    keys = {line: member for _, member, line in rows}
    assert [line for *_, line in sorted(rows, key=lambda row: row[2])] == [2, 3, 5, 6, 8]
    assert keys[2] == keys[3] != "k-1", "a gateway's key is hashed, as its log is"
    assert keys[5] == "k-1", "a provider's key id stays readable"


def test_a_team_may_be_of_another_company(organisation):
    path = organisation.folder / "teams.csv"
    path.write_text(f"{HEADERS['teams.csv']}\nsearch,,,,,,NL02\nads,,,,,,\n")
    assert organisation.load().faults == []
    assert organisation.rows("teams", "team_id, company_id") == [("search", "NL02"), ("ads", None)]


def test_a_misspelt_column_that_may_lack_is_noticed(organisation):
    path = organisation.folder / "teams.csv"
    path.write_text("team_id,team_name,cost_center_id,parent_team_id,valid_from,valid_to,compny_id")
    [fault] = organisation.load().faults
    assert "its header has 'compny_id'; call it company_id." in fault
    path.write_text("team_id,team_name,cost_center_id,parent_team_id,valid_from,valid_to,company")
    assert organisation.load().faults == [], "another column of theirs, which nobody reads"


def test_rings_of_teams_and_too_many_levels_are_refused_by_line(organisation):
    path = organisation.write(
        "teams.csv",
        "a,,,b,,",
        "b,,,c,,2026-01-01",
        "c,,,a,2025-06-01,",
        "below,,,a,,",
        # Each above the other, but never on the same day.
        "x,,,y,,2026-01-01",
        "x,,,,2026-01-01,",
        "y,,,,,2026-01-01",
        "y,,,x,2026-01-01,",
        *(f"l{level},,,{f'l{level - 1}' if level > 1 else ''},," for level in range(1, 10)),
    )
    report = organisation.load()
    refused = organisation.rows("quarantine", "source_line, reason")
    assert refused == [
        (2, "parent_cycle"), (3, "parent_cycle"), (4, "parent_cycle"), (18, "too_many_levels"),
    ]  # fmt: skip
    assert report.faults[0] == (
        f"{path} line 2 was not taken. The team is above itself in this period: "
        "mend parent_team_id of one of its levels."
    )
    assert "More than 8 levels" in report.faults[-1]
    assert ("below",) in organisation.rows("teams", "team_id")


def test_a_header_that_lacks_a_column_keeps_the_former_content(organisation):
    organisation.write("teams.csv", "search,,,,,")
    organisation.load()
    path = organisation.folder / "teams.csv"
    path.write_text("team_id,team_name\nother,Other\n")
    [fault] = organisation.load().faults
    assert "cost_center_id" in fault
    assert "former content stands" in fault
    assert organisation.rows("teams", "team_id") == [("search",)]


def test_a_file_whose_every_line_is_bad_keeps_the_former_content(organisation):
    organisation.write("teams.csv", "search,,,,,")
    organisation.load()
    organisation.write("teams.csv", ",Search,,,,")
    report = organisation.load()
    assert report.units == 0
    assert "what was loaded of it before stands" in report.faults[-1]
    assert organisation.rows("teams", "team_id") == [("search",)]


def test_a_file_is_loaded_again_only_when_its_content_changed(organisation):
    path = organisation.write("teams.csv", "search,,,,,")
    assert organisation.load().units == 1
    path.touch()
    assert organisation.load().units == 0
    organisation.write("teams.csv", "search,,,,,", "ads,,,,,")
    assert organisation.load().records_loaded == 2


def test_a_file_taken_away_leaves_an_empty_unit_once(organisation):
    organisation.write("teams.csv", "search,,,,,").unlink()
    assert organisation.load().units == 0
    organisation.write("teams.csv", "search,,,,,")
    organisation.load()
    (organisation.folder / "teams.csv").unlink()
    report = organisation.load()
    assert (report.units, report.records_read, report.faults) == (1, 0, [])
    assert organisation.load().units == 0
    organisation.write("teams.csv", "search,,,,,")
    assert organisation.load().records_loaded == 1


def test_a_decision_of_days_to_come_is_refused_with_its_line(tmp_path: Path) -> None:
    organisation = Organisation(tmp_path)
    path = organisation.write(
        "ai_service_decisions.csv",
        "chatgpt,,,,sanctioned,,,ann,2026-05-01,licensed",
        "chatgpt,,,,blocked,,,ann,2999-05-01,a slip of the pen",
    )
    [fault] = organisation.load().faults
    assert f"{path} line 3 was not taken. decided_on is in the future" in fault
    assert organisation.rows("ai_service_decisions", "decision") == [("sanctioned",)]
