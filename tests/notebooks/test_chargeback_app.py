"""The chargeback app's figures are the marts', they tie to the invoices, and the journal nets."""

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest
from playwright.sync_api import Page, expect
from published import WAIT, Site, one, publish

from notebooks.apps.chargeback import app
from notebooks.lib import (
    accrual_views,
    chargeback_close,
    chargeback_views,
    descriptions,
    publication,
    queries,
    statements,
)
from notebooks.lib.statements import TeamsSelection

OCTOBER = TeamsSelection(month=date(2026, 10, 1), currency="USD")
WHERE = "billing_currency = 'USD' and billing_month = date '2026-10-01'"
CHARGED = "select sum(statement_cost) from team_statements_month where {}"
STATUS = """
    create table billing_period_status as
    select
        date '2026-10-01' as billing_month, ? as billing_period_status, 2 as close_number,
        timestamp '2026-11-05 10:00:00' as closed_at, '<b>Ada</b>' as closed_by,
        false as is_forced, 'audited' as close_reason, 'ab12' as close_sha256,
        'cd34' as previous_close_sha256, '7' as price_book_version
"""


def write(path: Path, *queries: str, values: tuple[object, ...] = ()) -> None:
    with duckdb.connect(os.path.realpath(path)) as connection:
        for query in queries:
            connection.execute(query, values)


def cards_of(path: Path, chosen: TeamsSelection) -> dict[str, object]:
    _, cursor = publication.connect(path)
    cards = chargeback_close.headline_cards(
        statements.statements(cursor, chosen),
        statements.statements(cursor, chosen, everyone=True),
        statements.invoices(cursor, chosen),
        statements.journal(cursor, chosen),
        statements.questions(cursor, chosen),
        chosen,
    )
    return {card.label: card for card in cards}


def test_the_app_shows_the_newest_month_of_the_mart(warehouse: Path) -> None:
    _, defined = app.run(defs={"warehouse_path": warehouse})
    expected = one(warehouse, CHARGED.format(WHERE))
    assert defined["chosen"].month == date(2026, 10, 1)
    for name in ("charged", "lines", "changes"):
        assert defined[name]["statement_cost"].sum() == expected
    assert defined["drivers"]["change_cost"].sum() == defined["charged"]["change_cost"].sum()
    assert defined["invoices"]["invoice_cost"].sum() == expected
    assert defined["journal"]["net_cost"].to_list() == [0] * len(defined["journal"])


def test_the_app_without_a_publication_says_what_to_run(tmp_path: Path) -> None:
    outputs, defined = app.run(defs={"warehouse_path": publication.published_path(tmp_path)})
    assert any("bursar demo" in output.text for output in outputs if output is not None)
    assert "charged" not in defined


def test_the_app_without_a_bill_says_what_to_run(warehouse: Path) -> None:
    write(warehouse, "delete from team_statements_month", "delete from team_accruals_month")
    outputs, defined = app.run(defs={"warehouse_path": warehouse})
    assert any("bursar load" in output.text for output in outputs if output is not None)
    assert "charged" not in defined


def test_teams_narrow_statements_and_never_the_invoices(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    some = TeamsSelection(OCTOBER.month, "USD", teams=("data", "search"))
    expected = one(warehouse, CHARGED.format(f"{WHERE} and team_id in ('data', 'search')"))
    rows = statements.statements(cursor, some)
    assert sorted(rows["team_id"]) == ["data", "search"]
    assert rows["statement_cost"].sum() == expected
    for frame in (statements.lines(cursor, some), statements.drivers(cursor, some)):
        assert set(frame["team_id"]) == {"data", "search"}
        assert frame["statement_cost"].sum() == expected
    assert set(statements.questions(cursor, some)["team_id"]) == {"data"}
    everyone = statements.statements(cursor, some, everyone=True)
    invoiced = statements.invoices(cursor, some)["invoice_cost"].sum()
    assert everyone["statement_cost"].sum() == invoiced == one(warehouse, CHARGED.format(WHERE))


def test_a_team_that_nobody_knows_has_no_statement(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    nobody = TeamsSelection(OCTOBER.month, "USD", teams=("x' or true --",))
    assert statements.statements(cursor, nobody).is_empty()
    assert statements.lines(cursor, nobody).is_empty()


def test_currencies_are_never_added_together(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    everything = one(warehouse, CHARGED.format("billing_month = date '2026-10-01'"))
    shown = [
        statements.statements(cursor, TeamsSelection(OCTOBER.month, code))["statement_cost"].sum()
        for code in statements.currencies(cursor)
    ]
    assert len(shown) == 2
    assert sum(shown) == everything


def test_headline_cards_carry_the_marts_figures(warehouse: Path) -> None:
    cards = cards_of(warehouse, OCTOBER)
    charged = one(warehouse, CHARGED.format(WHERE))
    assert cards["Statements, October 2026"].value == f"USD {charged:,.2f}"
    nobody = one(warehouse, CHARGED.format(f"{WHERE} and team_id = 'unallocated'"))
    assert cards["On nobody's statement"].value == f"USD {nobody:,.2f}"
    shared = one(warehouse, f"select sum(shared_cost) from team_statements_month where {WHERE}")
    assert cards["Shared by a rule"].value == f"USD {shared:,.2f}"
    year = one(warehouse, f"select sum(closing_cost) from team_statements_month where {WHERE}")
    assert cards["2026 so far"].value == f"USD {year:,.2f}"
    assert cards["Invoices less statements"].value == "USD 0.00"
    assert cards["Invoices less statements"].tone == "plain"
    assert cards["Journal, debits less credits"].value == "USD 0.00"
    assert cards["Journal, debits less credits"].tone == "plain"


def test_a_cent_that_is_missing_is_seen(warehouse: Path) -> None:
    write(
        warehouse,
        "update team_statements_month set statement_cost = statement_cost - 0.01 "
        "where team_id = 'data'",
        "update journal_lines_month set credit_cost = credit_cost - 0.01 "
        "where entry_side = 'clearing' and service_provider_name = 'Anthropic'",
    )
    cards = cards_of(warehouse, OCTOBER)
    assert cards["Invoices less statements"].value == "USD 0.01"
    assert cards["Invoices less statements"].tone == "attention"
    assert cards["Journal, debits less credits"].lines == ("1 documents do not balance",)
    _, cursor = publication.connect(warehouse)
    lead = chargeback_close.tie_lead(
        statements.invoices(cursor, OCTOBER), statements.statements(cursor, OCTOBER), OCTOBER
    )
    assert lead.endswith("+ USD 0.01 difference.")


def test_differences_of_invoices_that_cancel_out_are_seen(warehouse: Path) -> None:
    write(
        warehouse,
        "update invoice_statements_month set difference_cost = 1 "
        "where service_provider_name = 'OpenAI'",
        "update invoice_statements_month set difference_cost = -1 "
        "where service_provider_name = 'Anthropic'",
    )
    card = cards_of(warehouse, OCTOBER)["Invoices less statements"]
    assert (card.tone, card.lines) == ("attention", ("2 of 2 invoices differ",))


def test_the_first_month_is_compared_with_nothing(warehouse: Path) -> None:
    august = TeamsSelection(date(2026, 8, 1), "USD")
    card = cards_of(warehouse, august)["Statements, August 2026"]
    assert card.lines == ("no statement of July 2026",)
    _, cursor = publication.connect(warehouse)
    shown = chargeback_views.change_chart(
        statements.changes(cursor, august), statements.statements(cursor, august), august
    )
    assert "No statements of July 2026" in shown.text


def test_the_changes_lead_from_one_month_to_the_next(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    changes = statements.changes(cursor, OCTOBER)
    steps = chargeback_views.change_steps(changes, OCTOBER)
    assert steps["label"].to_list()[0] == "September 2026"
    assert steps["label"].to_list()[-1] == "October 2026"
    assert steps["cost"][:-1].sum() == one(warehouse, CHARGED.format(WHERE))
    many = pl.concat(
        [
            changes.with_columns(pl.lit(f"model {number}").alias("ai_model_id"))
            for number in range(20)
        ]
    )
    folded = chargeback_views.change_steps(many, OCTOBER)
    assert len(folded) == chargeback_views.CHANGES_SHOWN + 3
    assert folded["cost"][1:-1].sum() == many["change_cost"].sum()


def test_the_page_says_what_teams_accepted_and_how_much_they_dispute(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    rows = statements.statements(cursor, OCTOBER)
    lead = chargeback_views.acceptance_lead(rows, OCTOBER)
    said = f"1 of {len(rows)} are accepted by their team, 1 disputed (USD 0.50)"
    assert lead == f"{said}."
    state = pl.col("acceptance_state")
    rows = rows.with_columns(state.replace({"accepted": "lapsed"}))
    lapsed = chargeback_views.acceptance_lead(rows, OCTOBER)
    assert lapsed == f"{said.replace('1 of', '0 of')}, 1 not any more, since the amount changed."
    assert "Lapsed, the amount changed" in chargeback_views.statement_table(rows, OCTOBER).text
    # A month that an earlier version closed.
    untold = rows.with_columns(pl.lit(None, dtype=pl.String).alias("acceptance_state"))
    assert chargeback_views.acceptance_lead(untold, OCTOBER).startswith("0 of")
    assert "Lapsed" not in chargeback_views.statement_table(untold, OCTOBER).text


def test_what_is_not_billed_is_an_estimate_beside_the_statements(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    assert statements.months(cursor)[0] == OCTOBER.month
    assert statements.months(cursor)[-1] == date(2026, 11, 1)
    rows = statements.accruals(cursor, OCTOBER)
    assert rows["accrued_cost"].to_list() == [Decimal("1.25"), Decimal("1.25"), None]
    lead = accrual_views.accrual_lead(rows, OCTOBER)
    assert lead == (
        "USD 2.50 by estimate, on no statement; of 5 days of teams and accounts more may come."
    )
    some = TeamsSelection(OCTOBER.month, "USD", teams=("data",))
    assert statements.accruals(cursor, some)["team_id"].to_list() == ["data"]
    none = statements.accruals(cursor, TeamsSelection(date(2026, 9, 1), "USD"))
    assert accrual_views.accrual_lead(none, OCTOBER) == "Every day of it is billed."


def test_a_month_without_a_bill_has_estimates_alone(warehouse: Path) -> None:
    write(
        warehouse,
        *(
            f"delete from {table}"
            for table in (
                "team_statements_month", "team_statement_lines_month", "team_drivers_month",
                "team_statement_questions_month", "invoice_statements_month", "journal_lines_month",
            )
        ),
        "delete from team_accruals_month where billing_month = '2026-10-01'",
    )  # fmt: skip
    outputs, defined = app.run(defs={"warehouse_path": warehouse})
    assert defined["chosen"].month == date(2026, 11, 1)
    assert defined["accruals"]["accrued_cost"].sum() == Decimal("2.50")
    assert not any("internal error" in output.text for output in outputs if output is not None)


def test_what_is_not_stored_is_open_and_preliminary(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    assert statements.period_status(cursor, OCTOBER.month) == {}
    assert chargeback_close.period_words({}) == ("Open, preliminary", False)
    assert "October 2026 is open" in chargeback_close.period_banner({}, OCTOBER).text


@pytest.mark.parametrize("status", ["Open", None])
def test_an_open_month_is_preliminary(warehouse: Path, status: str | None) -> None:
    write(warehouse, STATUS.replace("?", "cast(? as varchar)"), values=(status,))
    _, cursor = publication.connect(warehouse)
    close = statements.period_status(cursor, OCTOBER.month)
    assert chargeback_close.period_words(close) == ("Open, preliminary", False)


def test_a_closed_month_says_by_whom_and_which(warehouse: Path) -> None:
    write(warehouse, STATUS, values=("Closed",))
    _, cursor = publication.connect(warehouse)
    close = statements.period_status(cursor, OCTOBER.month)
    assert chargeback_close.period_words(close) == ("Closed, close 2", True)
    said = chargeback_close.period_banner(close, OCTOBER).text
    assert "close 2 by &lt;b&gt;Ada&lt;/b&gt; on 05 Nov 2026, 10:00 UTC" in said
    assert "Seal ab12, after cd34; prices 7." in said
    assert statements.period_status(cursor, date(2026, 9, 1)) == {}
    forced = chargeback_close.period_banner({**close, "is_forced": True}, OCTOBER).text
    assert "b-warn" in forced
    assert "It was forced in spite of open checks: audited" in forced


def test_the_app_runs_on_a_closed_month(warehouse: Path) -> None:
    write(warehouse, STATUS, values=("Closed",))
    outputs, _ = app.run(defs={"warehouse_path": warehouse})
    assert any("Closed, close 2" in output.text for output in outputs if output is not None)


def test_texts_from_outside_open_no_tag(tmp_path: Path) -> None:
    path = publish(tmp_path, "hostile", hostile='<img src="x" onerror="alert(1)">')
    outputs, _ = app.run(defs={"warehouse_path": path})
    assert not any('<img src="x"' in output.text for output in outputs if output is not None)


def test_rows_bear_the_names_of_teams_as_everywhere(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    rows = pl.DataFrame({"team_id": ["data", "gone"], "cost": [Decimal(1), Decimal(2)]})
    named = chargeback_views.with_team(rows, queries.teams(cursor))
    assert named["team"].to_list() == ["Data platform", "gone"]


@pytest.mark.parametrize(
    "mart", ["team_statements_month", "invoice_statements_month", "journal_lines_month"]
)
def test_the_note_is_the_marts_own_description(mart: str) -> None:
    note = descriptions.explained("Our words.", mart)
    assert note.startswith(f"Our words.\n\n**`{mart}`** One row per")
    assert "_cost`: " in note


def expect_charged(page: Page, text: str) -> None:
    expect(page.locator(".b-card .b-value").first).to_have_text(text, timeout=WAIT)


@pytest.mark.browser
def test_the_page_shows_the_marts_figures_and_nothing_fails(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/")
    page.get_by_role("link", name="Chargeback").click()
    expect_charged(page, f"USD {one(site.path, CHARGED.format(WHERE)):,.2f}")
    for question in ("What is each team charged?", "Does it tie", "Does the journal", "pack"):
        expect(page.get_by_role("heading", name=question)).to_be_visible(timeout=WAIT)
    expect(page.get_by_text("+ USD 0.00 difference")).to_be_visible()
    expect(page.get_by_text("is open, preliminary")).to_be_visible()
    expect(page.locator("canvas, svg.marks")).to_have_count(2, timeout=WAIT)
    expect(page.locator("marimo-table")).to_have_count(7, timeout=WAIT)
    expect(page.get_by_text("internal error")).to_have_count(0)


@pytest.mark.browser
def test_teams_and_month_stay_in_the_address(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/chargeback/?month=2026-09&team=data,search,gone")
    where = "billing_currency = 'USD' and billing_month = date '2026-09-01'"
    some = one(site.path, CHARGED.format(f"{where} and team_id in ('data', 'search')"))
    expect_charged(page, f"USD {some:,.2f}")
    page.get_by_label("Month", exact=True).select_option(label="August 2026")
    where = where.replace("09", "08")
    some = one(site.path, CHARGED.format(f"{where} and team_id in ('data', 'search')"))
    expect_charged(page, f"USD {some:,.2f}")
    assert "month=2026-08" in page.url
    assert "team=data" in page.url
    page.locator("marimo-multiselect button").click()
    page.get_by_role("option", name="Search", exact=True).click()
    alone = one(site.path, CHARGED.format(f"{where} and team_id = 'data'"))
    expect_charged(page, f"USD {alone:,.2f}")
    assert "search" not in page.url
    page.reload()
    expect_charged(page, f"USD {alone:,.2f}")


@pytest.mark.browser
def test_hostile_names_are_text_on_the_page_and_in_files(
    page: Page, site: Site, tmp_path: Path
) -> None:
    hostile = '=cmd|x <img src="http://evil.example/x.png" onerror="document.title=1">'
    site.publish("hostile", hostile=hostile)
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site.address}/chargeback/")
    expect(page.get_by_text("=cmd|x").first).to_be_visible(timeout=WAIT)
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Download lines as CSV").click()
    target = tmp_path / "lines.csv"
    downloaded.value.save_as(target)
    assert downloaded.value.suggested_filename == "bursar_statement_lines_2026-10_USD.csv"
    rows = pl.read_csv(target, schema_overrides={"statement_cost": pl.String})
    assert set(rows["sub_account_name"]) == {f"'{hostile}"}
    charged = sum(Decimal(cost) for cost in rows["statement_cost"])
    assert charged == one(site.path, CHARGED.format(WHERE))
    assert page.title() == "Chargeback"
    assert not [url for url in asked if "evil" in url]


@pytest.mark.browser
def test_a_pack_that_appears_can_be_downloaded(page: Page, site: Site, tmp_path: Path) -> None:
    page.goto(f"{site.address}/chargeback/")
    expect(page.get_by_text("bursar export chargeback --month 2026-10")).to_be_visible(timeout=WAIT)
    folder = site.home / "packs" / "2026-10"
    folder.mkdir(parents=True)
    (folder / "secret_2026-10.csv").symlink_to("/etc/passwd")
    (folder / "statements_2026-10.csv").write_text("team,cost\n")
    expect(page.get_by_text("statements_2026-10.csv")).to_be_visible(timeout=WAIT)
    expect(page.get_by_text("secret_2026-10.csv")).to_have_count(0)
    expect(page.get_by_text("was made from another publication")).to_be_visible()
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Download", exact=True).click()
    downloaded.value.save_as(tmp_path / "pack.csv")
    assert (tmp_path / "pack.csv").read_text() == "team,cost\n"
