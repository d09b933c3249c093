"""Files of a bill that are delivered together: its parts, of one version of it.

Who writes a bill anew, each time whole, writes it over the former files or beside them.
`report-00001.snappy.parquet` and `report-00002.snappy.parquet` are parts of one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pipelines.sources.files import SourceFile, unreadable

if TYPE_CHECKING:
    from pipelines.load import KnownUnit, LoadContext


@dataclass(frozen=True)
class Part:
    """One file of a delivery; its content's hash names also which services were looked for."""

    file: SourceFile
    content_sha256: str


@dataclass(frozen=True)
class Delivery:
    """Files that stand for what they bill together."""

    files: tuple[SourceFile, ...]

    @property
    def modified_at(self) -> datetime:
        """When the last of its files was written."""
        return max(file.modified_at for file in self.files)

    def changed_parts(
        self, context: LoadContext, known: dict[str, KnownUnit], view: str
    ) -> list[Part]:
        """Return all parts where one is new, changed or looked at with another view; else none."""
        parts, is_changed = [], False
        for file in self.files:
            unit = known.get(file.load_unit_id)
            content = (unit and unit.content_sha256) or ""
            if not (
                unit
                and content.endswith(f":{view}")
                and (unit.size_bytes, unit.modified_at) == (file.size_bytes, file.modified_at)
            ):
                try:
                    found = f"{file.content_sha256()}:{view}"
                except OSError as failure:
                    context.fail_later(unreadable(context, file, failure))
                    return []
                is_changed, content = is_changed or found != content, found
            parts.append(Part(file, content))
        return parts if is_changed else []


def deliveries(files: list[SourceFile], part_number: re.Pattern[str]) -> list[Delivery]:
    """Return the deliveries, the newest first; `part_number` is what their files differ by."""
    found: dict[str, list[SourceFile]] = defaultdict(list)
    for file in files:
        found[part_number.sub("", file.address)].append(file)
    groups = [
        Delivery(tuple(sorted(group, key=lambda file: file.address))) for group in found.values()
    ]
    return sorted(groups, key=lambda one: (one.modified_at, one.files[0].address), reverse=True)
