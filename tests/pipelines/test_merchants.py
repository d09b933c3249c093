"""Which merchants' texts are let in at the door: whole words of the list, whatever is between."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipelines.sources.merchants import WORDS_FILE, read_words, words_pattern

PATTERN = re.compile(words_pattern(read_words(WORDS_FILE)))


@pytest.mark.parametrize(
    "text",
    [
        "OPENAI *CHATGPT SUBSCR", "Open-AI", "PAYPAL *OPENAI", "Anthropic* Claude Sub", "CLAUDE.AI",
        "CURSOR, AI POWERED IDE", "CURSOR", "MIDJOURNEY INC.", "PERPLEXITY.AI", "HUGGING FACE",
        "ELEVENLABS.IO", "SQ *SUNO",
    ],
)  # fmt: skip
def test_texts_of_vendors_are_let_in(text: str) -> None:
    assert PATTERN.search(text.lower())


@pytest.mark.parametrize(
    "text",
    [
        "OPEN AIR CINEMA", "MIDTOWN JOURNEY", "CURSORY BOOKS", "CLAUDETTE HAIR", "UBER", "POEMS",
        "SUNOCO 0123", "REPLICA WATCHES", "THE JASPERS", "RUNWAYS",
    ],
)  # fmt: skip
def test_texts_that_only_begin_alike_are_not(text: str) -> None:
    assert not PATTERN.search(text.lower())


@pytest.mark.parametrize("words", ["Open AI", "a.i.", "x')", "a  b", ""])
def test_words_that_would_be_an_expression_are_refused(tmp_path: Path, words: str) -> None:
    path = tmp_path / "words.csv"
    path.write_text(f'merchant_pattern\n"{words}"\n')
    with pytest.raises(ValueError, match=re.escape(str(path))):
        read_words(path)


def test_a_list_without_words_lets_nothing_by_unsaid(tmp_path: Path) -> None:
    path = tmp_path / "words.csv"
    path.write_text("merchant_pattern\n")
    with pytest.raises(ValueError, match="no merchant_pattern"):
        read_words(path)
