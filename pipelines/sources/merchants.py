"""Card charges at the door: only those are let in whose merchant may be an AI vendor.

What people buy elsewhere is nobody's business here, so it is passed over, neither loaded nor
refused: docs/decisions/card_charges.md. The words are those of seeds/reference/ai_merchants.csv,
by which dbt then finds the vendor; under other words every file is read again.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pipelines.config import PROJECT_ROOT
from pipelines.sources.record_files import RecordFiles

WORDS_FILE = PROJECT_ROOT / "seeds" / "reference" / "ai_merchants.csv"
BOUNDARY = "[^a-z0-9]"


def of_ai_vendors(
    kind: RecordFiles, *settings: object, words_file: Path = WORDS_FILE
) -> RecordFiles:
    """Return how files are read of which only the charges of AI vendors are wanted.

    The merchant is the column `merchant_name`; `settings` are what else decides how it is read.
    """
    words = read_words(words_file)
    said = "|".join([*words, *map(repr, settings)])
    return replace(
        kind,
        passes_over=f"not regexp_matches(lower(merchant_name), '{words_pattern(words)}')",
        view=hashlib.sha256(said.encode()).hexdigest()[:8],
    )


def read_words(path: Path) -> list[str]:
    """Return the patterns of merchants, in order; raise ValueError for what is no plain words."""
    with path.open(encoding="utf-8", newline="") as file:
        words = sorted({row["merchant_pattern"] for row in csv.DictReader(file)})
    wrong = [one for one in words if not re.fullmatch("[a-z0-9]+( [a-z0-9]+)*", one)]
    if wrong or not words:
        raise ValueError(
            f"{path}: {', '.join(wrong) or 'no merchant_pattern'}: write small letters and digits, "
            "a space between words."
        )
    return words


def words_pattern(words: Sequence[str]) -> str:
    """Return the expression that finds any of them as whole words, whatever stands between."""
    # What a longer pattern finds, the shorter one at its beginning has found.
    shortest = [one for one in words if not any(one.startswith(f"{other} ") for other in words)]
    ways = "|".join(f"{BOUNDARY}*".join(one.split()) for one in shortest)
    return f"(^|{BOUNDARY})({ways})({BOUNDARY}|$)"
