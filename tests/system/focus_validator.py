"""FOCUS' own validator, run as people run it, and its answer read: its exit code is always 0."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.project.repository import ROOT

ENVIRONMENT = ROOT / ".venv-focus-validator"
# What a seller of AI services does of what the rules ask about.
CRITERIA = (
    "ACCOUNT_NAMING", "MULTIPLE_PRICING_CATEGORIES", "MULTIPLE_SUB_ACCOUNT_TYPES",
    "MULTIPLE_BILLING_ACCOUNT_TYPES", "NEGOTIATED_PRICING", "PUBLIC_PRICE_LIST",
    "USAGE_MEASUREMENT", "UNIT_PRICING", "SUB_ACCOUNT", "PRICING_BILLING_CURRENCY_DIFFERENCES",
    "VIRTUAL_CURRENCY", "REGION", "TAGGING",
)  # fmt: skip
TOTALS = re.compile(r"Total: (\d+) \| Pass: (\d+) \| Fail: (\d+) \|")
FAILED = re.compile(r"^\S+ ([A-Za-z]+-[A-Z]-\d{3}-[A-Z]): FAIL\b", re.MULTILINE)


class Verdict:
    """How many rules passed, and the ids of those that did not."""

    def __init__(self, text: str) -> None:
        totals = TOTALS.search(text)
        assert totals, f"no totals in the validator's answer: {text[-2000:]}"
        self.passed, failed = int(totals[2]), int(totals[3])
        self.failed = set(FAILED.findall(text))
        assert len(self.failed) == failed, text[-4000:]


def validate(path: Path) -> Verdict:
    """Validate a Parquet file as FOCUS 1.2, without a network."""
    [packages] = ENVIRONMENT.glob("lib/python*/site-packages")
    done = subprocess.run(
        [
            str(ENVIRONMENT / "bin/focus-validator"), "--data-file", str(path),
            "--validate-version", "1.2.0.1", "--block-download",
            "--applicability-criteria", ",".join(f"{name}_SUPPORTED" for name in CRITERIA),
        ],
        # It opens its list of currencies by a path relative to its own packages.
        cwd=packages, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    return Verdict(done.stdout)
