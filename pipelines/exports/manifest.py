"""What a pack was made from, and the hash of each of its files."""

from __future__ import annotations

import hashlib
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.exports.pack import Pack
from pipelines.exports.texts import plain_text


def write_manifest(pack: Pack, formats: list[str], files: list[Path], folder: Path) -> Path:
    """Write manifest_<month>.json: no clock and no path of this machine is in it."""
    about = {name: _text(value) for name, value in pack.about.items()}
    document = {
        "document": "chargeback",
        "billing_month": pack.month_id,
        "period_status": pack.status,
        "teams": list(pack.teams) or "all",
        "formats": formats,
        "rounding_method": "largest remainder: invoice to teams, team to lines",
        "publication": about,
        # Of some teams: no word of what the company was billed.
        **({} if pack.teams else {"invoices": _invoices(pack), "fees": _fees(pack)}),
        "files": [
            {
                "name": path.name,
                "size_bytes": path.stat().st_size,
                "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            }
            for path in sorted(files)
        ],
    }
    path = folder / _name(pack)
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def listed_files(pack: Pack, folder: Path) -> set[str]:
    """Return the month's files that the manifest in a folder lists; none where there is no such."""
    try:
        document = json.loads((folder / _name(pack)).read_text(encoding="utf-8"))
        names = {file["name"] for file in document["files"]}
    except (FileNotFoundError, ValueError, LookupError, TypeError):
        return set()
    # Anybody may have written it: what is no file of a pack of this month is not ours to touch.
    of_month = re.compile(rf"[a-z0-9_]+_{pack.month_id}\.[a-z]+")
    return {name for name in names if isinstance(name, str) and of_month.fullmatch(name)}


def _name(pack: Pack) -> str:
    return f"manifest_{pack.month_id}.json"


def _invoices(pack: Pack) -> list[dict[str, str | None]]:
    names = (
        "document_id", "service_provider_name", "billing_account_id", "invoice_id",
        "billing_currency", "billed_cost", "invoice_cost", "allocated_cost", "unallocated_cost",
        "difference_cost",
    )  # fmt: skip
    return [{name: _text(row[name]) for name in names} for row in pack.rows["invoices"]]


def _fees(pack: Pack) -> list[dict[str, str | None]]:
    names = (
        "document_id", "fee_name", "recovery_account", "recovery_cost_center_id",
        "billing_currency", "exact_fee_cost", "fee_cost",
    )  # fmt: skip
    return [{name: _text(row[name]) for name in names} for row in pack.rows["fees"]]


def _text(value: Any) -> str | None:
    if isinstance(value, Decimal):
        return format(value, "f")
    return None if value is None else plain_text(value)
