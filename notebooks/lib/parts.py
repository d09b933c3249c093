"""The pieces of a page that are not charts or tables; every text in them is escaped."""

import re
from dataclasses import dataclass

import marimo as mo

from notebooks.lib import formats
from notebooks.lib.formats import words
from notebooks.lib.publication import Publication

# What a sentence gives to type; escaped before it is marked.
COMMAND = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Card:
    """One headline figure with the lines under it; a raised tone asks for attention."""

    label: str
    value: str
    lines: tuple[str, ...] = ()
    tone: str = "plain"
    exact: str = ""


def header(title: str, publication: Publication, *, facts: list[tuple[str, str, bool]]) -> mo.Html:
    """Return the page's head: title, publication, and facts (label, value, needs attention)."""
    chips = [
        ("Published", formats.moment(publication.published_at), False),
        ("Data complete to", formats.moment(publication.data_complete_to), False),
        *facts,
    ]
    items = "".join(
        f'<div class="b-fact{" b-alert" if alert else ""}"><dt>{words(label)}</dt>'
        f"<dd>{words(value)}</dd></div>"
        for label, value, alert in chips
    )
    return mo.Html(
        f'<header class="b-header"><nav><a class="b-brand" href="../">Bursar</a>'
        f'<a class="b-back" href="../">All apps</a></nav>'
        f'<h1>{words(title)}</h1><dl class="b-facts">{items}</dl></header>'
    )


def banner(sentences: list[str], *, tone: str = "warn") -> mo.Html:
    """Return a notice across the page, or nothing when there is nothing to say."""
    if not sentences:
        return mo.Html("")
    marked = [COMMAND.sub(r"<code>\1</code>", words(sentence)) for sentence in sentences]
    lines = "".join(f"<p>{sentence}</p>" for sentence in marked)
    return mo.Html(f'<div class="b-banner b-{tone}" role="alert">{lines}</div>')


def cards(shown: list[Card]) -> mo.Html:
    """Return headline figures side by side."""
    return mo.Html('<div class="b-cards">' + "".join(_card(card) for card in shown) + "</div>")


def _card(card: Card) -> str:
    lines = "".join(f"<p>{words(line)}</p>" for line in card.lines)
    return (
        f'<section class="b-card b-{card.tone}"><div class="b-label">{words(card.label)}</div>'
        f'<div class="b-value" title="{words(card.exact)}">{words(card.value)}</div>'
        f"{lines}</section>"
    )


def section(question: str, answer: str = "") -> mo.Html:
    """Return the head of a section: the question and, in a line, how to read what follows."""
    lead = f"<p>{words(answer)}</p>" if answer else ""
    return mo.Html(f'<div class="b-section"><h2>{words(question)}</h2>{lead}</div>')


def empty(sentence: str) -> mo.Html:
    """Return a quiet note in place of a chart or table that has no rows."""
    return mo.Html(f'<div class="b-empty">{words(sentence)}</div>')


def explanation(text: str) -> mo.Html:
    """Return the folded note on how a section is computed; the text is ours, in Markdown."""
    return mo.accordion({"How this is computed": mo.md(text)})


def noted(content: object, text: str) -> mo.Html:
    """Return a part of the page with the folded note on how it is computed below it."""
    return mo.vstack([content, explanation(text)], gap=1)


def note(text: str) -> mo.Html:
    """Return a quiet line of text."""
    return mo.Html(f'<p class="b-note">{words(text)}</p>')


def panel(content: object) -> mo.Html:
    """Return a chart on a white ground of its own."""
    return mo.Html(f'<div class="b-panel">{mo.as_html(content).text}</div>')


def colophon(publication: Publication) -> mo.Html:
    """Return which publication, code and prices the figures come from."""
    return note(
        f"Publication {publication.publication_id}, code {publication.code_version or 'unknown'},"
        f" prices {publication.price_book_version or 'unknown'}."
    )
