"""The views of one finding: its three figures with their terms, its evidence, its decision."""

import shlex
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import marimo as mo
import polars as pl

from notebooks.lib import formats, parts, shadow_decisions, shadow_words, tables
from notebooks.lib.evidence import ROW_LIMIT
from notebooks.lib.evidence_views import CUT
from notebooks.lib.formats import money, words
from notebooks.lib.parts import Card
from notebooks.lib.selection import named_options
from notebooks.lib.shadow_views import terms, with_words

Row = dict[str, Any]
OFFERED = 500
FAMILY_COUNT = len(shadow_words.FAMILIES)
TERMS = {
    "exposure": "Exposure: what may have left the house",
    "vendor": "Vendor: how far it is to be trusted",
    "control": "Control: what is missing",
}

CHOICES = {
    "decision": ("Decision", shadow_decisions.DECISIONS),
    "about": ("About", shadow_decisions.ABOUT),
    "whom": ("For", shadow_decisions.WHOM),
}
TEXTS = {
    "plan_name": ("Plan", "any"),
    "valid_from": ("From", "the day of the decision"),
    "valid_to": ("Until, not included", "open, or 2027-01-31"),
    "decided_by": ("Decided by", "a name that auditors read"),
    "decided_on": ("Decided on", "2027-01-31"),
    "reason": ("Reason", "why"),
}


def finding_options(findings: pl.DataFrame) -> dict[str, str]:
    """Return the first findings' names to their ids, in the order of the table."""
    rows = findings.head(OFFERED).iter_rows(named=True)
    named = [(row["finding_id"], shadow_words.finding_name(row)) for row in rows]
    options = named_options(named, everything="")
    options.pop("")
    return options


def focus(findings: pl.DataFrame, finding_id: str) -> Row:
    """Return the finding to look at."""
    return findings.row(by_predicate=pl.col("finding_id") == finding_id, named=True)


def finding_cards(finding: Row) -> list[Card]:
    """Return risk, confidence and money, each by itself, then use, owner and decision."""
    code = finding["reporting_currency"]
    count = finding["signal_family_count"]
    score = finding["risk_score"]
    return [
        Card(
            "Risk, 0 to 1",
            formats.UNKNOWN if score is None else f"{score:.2f}",
            (terms(finding), "exposure, vendor and missing control"),
            exact=f"{score}",
        ),
        Card(
            "Confidence",
            f"{formats.count(count)} of {FAMILY_COUNT} families",
            (
                shadow_words.families(finding["signal_families"]),
                f"best match of the service: {shadow_words.plain(finding['match_confidence'])}",
            ),
        ),
        Card(
            "Money seen",
            money(finding["reporting_seen_cost"], code),
            (
                f"{_known(finding, 'reporting_billed_cost')} on bills",
                f"{_known(finding, 'reporting_card_cost')} on cards",
            ),
            exact=_exact(finding, "reporting_seen_cost"),
        ),
        Card(
            "Money, estimate",
            money(finding["reporting_estimated_cost"], code),
            (_basis(finding), "may be the same money as what was seen"),
            exact=_exact(finding, "reporting_estimated_cost"),
        ),
        Card(
            "Persons named",
            shadow_words.persons(finding),
            (*_use(finding),),
        ),
        Card(
            "Who should decide",
            finding["team_name"] or finding["team_id"],
            (shadow_words.owner(finding),),
        ),
        _state_card(finding),
    ]


def _use(finding: Row) -> tuple[str, str]:
    """Return how much was used, and when; of few persons that is theirs to know."""
    first, last = finding["first_seen_date"], finding["last_seen_date"]
    if finding["is_small_group"]:
        months = " to ".join(dict.fromkeys(f"{day:%b %Y}" for day in (first, last)))
        return "what so few did is not told", months
    return (
        f"{formats.count(finding['call_count'])} calls,"
        f" {shadow_words.size(finding['uploaded_bytes'])} sent up",
        f"{formats.moment(first)} to {formats.moment(last)}",
    )


def _known(finding: Row, name: str) -> str:
    amount = finding[name]
    if amount is None and finding["is_small_group"]:
        return "not told"
    return "none known" if amount is None else money(amount, finding["reporting_currency"])


def _basis(finding: Row) -> str:
    if finding["is_small_group"]:
        return "not told of so few persons"
    basis = finding["estimate_basis"]
    return f"by {shadow_words.plain(basis)}" if basis else "nothing to estimate it by"


def _exact(finding: Row, name: str) -> str:
    amount = finding[name]
    if amount is None:
        return formats.UNKNOWN
    return f"{finding['reporting_currency']} {formats.exact(amount)}"


def _state_card(finding: Row) -> Card:
    lines = ["no line of the register is about it"]
    if finding["decided_by"]:
        lines = [f"by {finding['decided_by']}, {formats.moment(finding['decided_on'])}"]
        until = finding["decision_valid_to"]
        lines.append(
            f"from {formats.moment(finding['decision_valid_from'])}"
            + (f" until {formats.moment(until)}" if until and until.year < 9999 else "")
        )
        lines.append(finding["decision_reason"] or "without a reason")
    tone = "attention" if finding["is_open"] else "plain"
    return Card("State", shadow_words.state(finding["state"]), tuple(lines), tone)


def finding_view(finding: Row) -> mo.Html:
    """Return one finding's figures and the terms of its risk."""
    return mo.vstack([parts.cards(finding_cards(finding)), term_table(finding)], gap=1)


def term_table(finding: Row) -> mo.Html:
    """Return each term of the risk with its class and factor, and their product."""
    rows = [
        {
            "term": label,
            "class": shadow_words.plain(finding[f"{term}_class"]),
            "factor": finding[f"{term}_factor"],
        }
        for term, label in TERMS.items()
    ]
    rows.append({"term": "Risk: their product", "class": "", "factor": finding["risk_score"]})
    shown = pl.DataFrame(rows).with_columns(
        pl.Series("factor", [f"{row['factor']}" for row in rows], dtype=pl.String)
    )
    return tables.show(shown, titles={"term": "Term", "class": "Class", "factor": "Factor"})


def evidence_view(
    rows: pl.DataFrame,
    finding: Row,
    billed: list[str],
    *,
    everything: Callable[[], pl.DataFrame],
) -> mo.Html:
    """Return what a finding rests on, down to file and line, and how to look further."""
    told = commands(finding, billed)
    further = mo.vstack(
        [parts.note(f"{what}: {command}") for what, command in told.items()], gap=0.2
    )
    if rows.is_empty():
        return mo.vstack([parts.empty("No evidence of this finding is published."), further])
    shown = with_words(
        rows,
        family=lambda row: shadow_words.FAMILIES.get(row["signal_family"], row["signal_family"]),
        signal=lambda row: shadow_words.plain(row["signal_kind"]),
        up=lambda row: shadow_words.size(row["uploaded_bytes"]),
        place=lambda row: (
            "files of few persons"
            if row["load_unit_id"] == shadow_words.SUPPRESSED
            else row["location"] or formats.UNKNOWN
        ),
    )
    table = tables.show(
        shown,
        titles={
            "family": "Family",
            "signal": "Signal",
            "source_name": "Source",
            "place": "Where it lies",
            "first_source_line": "First line",
            "signal_count": "Signals",
            "stopped_count": "Stopped",
            "call_count": "Calls",
            "up": "Sent up",
            "first_seen_date": "First seen",
            "last_seen_date": "Last seen",
            "load_unit_id": "Came in",
        },
        file_name="bursar_shadow_evidence.csv",
        label="Download evidence as CSV",
        everything=everything,
        absent=("call_count", "first_source_line", "signal_count", "stopped_count"),
        notes="Without persons. Stopped: blocked on the way, or paid back. A dash: not counted, or"
        " not told of so few persons, whose days are the first of a month."
        + (f" {CUT}" if len(rows) == ROW_LIMIT else ""),
    )
    return mo.vstack([table, further], gap=1)


def commands(finding: Row, billed: list[str]) -> dict[str, str]:
    """Return the commands that lead further, ready for a shell; `billed` are bills' currencies."""
    found = {}
    for code in billed:
        keys = {
            "spend_kind": "billed",
            "team_id": finding["team_id"],
            "ai_service_id": finding["ai_service_id"],
            "billing_currency": code,
        }
        given = [shlex.quote(f"{name}={value}") for name, value in keys.items()]
        found[f"To walk its bills in {code} back to their raw records, run"] = " ".join(
            ["bursar trace shadow_spend_month", *given]
        )
    key = shlex.quote(finding["finding_id"])
    return found | {
        "To see whose signals these are, if your role may, run": (
            f"bursar persons {key} --reason 'why you look'"
        )
    }


def first_answers() -> dict[str, str]:
    """Return what the questions say before anybody answers."""
    firsts = {name: next(iter(options.values())) for name, (_, options) in CHOICES.items()}
    return firsts | dict.fromkeys(TEXTS, "") | {"decided_on": f"{datetime.now(UTC):%Y-%m-%d}"}


def decision_fields(answers: Mapping[str, str], keep: Callable[..., None]) -> dict[str, Any]:
    """Return what is asked of who decides; it does not change with the finding.

    Each field keeps its answer itself: of a `mo.ui.dictionary`, marimo 0.25 forgets all but the
    last of the fields that were changed while it was busy.
    """

    def keep_as(name: str) -> Callable[[str], None]:
        return lambda value: keep(lambda kept: kept | {name: value})

    fields: dict[str, Any] = {
        name: mo.ui.dropdown(
            options, value=next(iter(options)), label=label, on_change=keep_as(name)
        )
        for name, (label, options) in CHOICES.items()
    }
    for name, (label, hint) in TEXTS.items():
        fields[name] = mo.ui.text(
            value=answers[name], placeholder=hint, label=label, on_change=keep_as(name)
        )
    return fields


def form_view(fields: Mapping[str, Any]) -> mo.Html:
    """Return the questions side by side."""
    return mo.hstack(list(fields.values()), justify="start", wrap=True, gap=1.2)


def decision_view(finding: Row, answers: Mapping[str, str]) -> mo.Html:
    """Return the line for the register to copy or download, or what it still lacks."""
    decided = shadow_decisions.decide(
        finding,
        decision=answers["decision"],
        about=answers["about"],
        whom=answers["whom"],
        typed={name: answers[name] for name in (*shadow_decisions.TEXTS, *shadow_decisions.DATES)},
    )
    lacking = shadow_decisions.missing(decided)
    if lacking:
        return parts.banner(lacking, tone="info")
    line = shadow_decisions.line(decided)
    said = mo.Html(
        f'<pre class="b-line" tabindex="0" aria-label="Line for the register">{words(line)}</pre>'
    )
    where = parts.note(
        f"Add it as the last line of {shadow_decisions.FILE_NAME} in the policy folder (by default"
        " seeds/policy/), then run: bursar run. The download has the header too."
    )
    download = mo.download(
        data=lambda: shadow_decisions.file_content(decided),
        filename=shadow_decisions.FILE_NAME,
        mimetype="text/csv",
        label="Download the line as CSV",
    )
    return mo.vstack([said, mo.hstack([where, download], justify="space-between")], gap=0.4)
