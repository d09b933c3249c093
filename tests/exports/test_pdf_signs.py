"""Names in any script are printed, or boxes in their place; none ends an export."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

import pytest

from pipelines.exports import pdf

TEMPLATE = b"#json(bytes(sys.inputs.data)).name"
MOMENT = datetime(2026, 11, 1, tzinfo=UTC)


def a_sign_of_every_block() -> str:
    """Return the first printable sign of each 128, and of each the ones that others join."""
    signs = []
    for block in range(0x80, 0x32000, 0x80):
        found = (chr(code) for code in range(block, block + 0x80))
        signs += [one for one in found if unicodedata.category(one)[0] in "LNPS"][:2]
    return " ".join(signs)


@pytest.mark.parametrize(
    "name",
    [
        "東京開発", "Data \N{ROCKET} Lab", "ฝ่ายขาย", "한국 팀", "\N{FULLWIDTH EQUALS SIGN}1+1",
        "\N{WOMAN}\u200d\N{PERSONAL COMPUTER}", "Größe Łódź Αθήνα Москва \N{INDIAN RUPEE SIGN}",
        a_sign_of_every_block(),
    ],
)  # fmt: skip
def test_every_name_is_printed(name: str) -> None:
    printed = pdf.compile_pdf(TEMPLATE, {"name": name}, MOMENT)
    assert printed.startswith(b"%PDF")
    assert printed == pdf.compile_pdf(TEMPLATE, {"name": name}, MOMENT)


def test_only_what_the_fonts_lack_becomes_a_box(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    boxed = pdf._with_boxes
    monkeypatch.setattr(pdf, "_with_boxes", lambda *given: seen.append(boxed(*given)) or seen[-1])
    pdf.compile_pdf(TEMPLATE, {"name": "Zürich, 東京, Москва"}, MOMENT)
    assert seen == ['{"name": "Zürich, □□, Москва"}']


def test_another_fault_of_the_document_is_raised() -> None:
    with pytest.raises(Exception, match="unknown variable"):
        pdf.compile_pdf(b"#nothing", {"name": "a"}, MOMENT)
