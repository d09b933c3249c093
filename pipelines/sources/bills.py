"""Bills of a cloud: files of one version of it, of which only some services are wanted.

A delivery is read whole before any of it counts; of several deliveries of the same unit (a billing
period, a day) the newest counts. What the setting `services` leaves out is kept as sums.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from pipelines.sources.bill_account import BillAccount
from pipelines.sources.bill_deliveries import Delivery, Part, deliveries
from pipelines.sources.files import SourceFile, find_files, why_not_loaded
from pipelines.sources.json_files import JsonReader
from pipelines.sources.record_files import Reader

if TYPE_CHECKING:
    from pipelines.load import KnownUnit, LoadContext

NO_PARTS = re.compile(r"(?!)")
"""For bills whose every file is a delivery of its own."""


@dataclass(frozen=True)
class Bill:
    """What a bill's files are like; SQL is over the readers' columns and those made."""

    charges: pa.Schema
    left_out: pa.Schema
    """Words and account of the lines that are summed up, then charge_count and the cost."""
    readers: tuple[Reader, ...]
    endings: tuple[str, ...]
    ai_services: tuple[str, ...]
    """What the setting `services` is by default: patterns of codes or names in lower case."""
    unit: str
    """SQL of the unit that a line belongs to; $file is the unit of the file itself."""
    unit_kind: str
    """What begins the name of a unit that several deliveries may have; empty: there is none."""
    part_number: re.Pattern[str]
    service_code: str
    service_name: str
    covers_from: str
    """SQL of the first moment that good lines cover, and of the last, exclusive."""
    covers_to: str
    billed_to: str
    """SQL of when the provider adds nothing more: what is written after it is complete."""
    made: Callable[[LoadContext], Mapping[str, str]] = lambda _: {}
    """Columns of the lake that are made of others: SQL by name."""
    refuses: str = "null"
    """SQL of why a line cannot be taken, beside what its reader found; null = good."""

    def reader_of(self, address: str) -> Reader:
        """Return the reader of a file; one of another name is read as the first kind."""
        name = address.lower().split("?")[0]
        return next((one for one in self.readers if name.endswith(one.endings)), self.readers[0])


def extract_bill(context: LoadContext, bill: Bill) -> Iterator[tuple[str, pa.Table]]:
    """Yield the charges, sums and accounts of every delivery of which a file is new or changed."""
    services = context.settings.get_list("services") or list(bill.ai_services)
    # Other services want other lines of the same files.
    view = hashlib.sha256("|".join(sorted(services)).encode()).hexdigest()[:8]
    known = context.known_units()
    shared = {
        unit_id: unit.modified_at
        for unit_id, unit in known.items()
        if bill.unit_kind and unit_id.startswith(bill.unit_kind)
    }
    taken: set[str] = set()
    files = find_files(context, bill.endings)
    holders = {} if bill.unit_kind else _holders(files, known)
    # The newest delivery of a unit stands for it: the others then add nothing.
    for delivery in deliveries(files, bill.part_number):
        parts = delivery.changed_parts(context, known, view) or _stepping_in(
            delivery, known, holders, view
        )
        if not parts:
            continue
        replaced = (
            taken
            | _copies(bill, parts, holders)
            | {
                unit_id
                for unit_id, modified_at in shared.items()
                if modified_at and modified_at > delivery.modified_at
            }
        )
        try:
            found = yield from _load(context, bill, delivery, parts, services, replaced)
        except (duckdb.Error, pa.ArrowException, OSError, EOFError, ValueError) as fault:
            context.fail_later(
                f"{context.settings.source}: the delivery of {parts[0].file.address} was not "
                f"loaded: {why_not_loaded(fault)}"
            )
            continue
        taken |= set(found)


def _holders(files: list[SourceFile], known: dict[str, KnownUnit]) -> dict[str, str]:
    """Return which file delivered a content, by its hash; one that is changed gives its own up."""
    changed = {
        file.load_unit_id
        for file in files
        if (unit := known.get(file.load_unit_id))
        and (unit.size_bytes, unit.modified_at) != (file.size_bytes, file.modified_at)
    }
    return {
        unit.content_sha256: unit_id
        for unit_id, unit in known.items()
        if unit.content_sha256 and not unit.is_copy and unit_id not in changed
    }


def _stepping_in(
    delivery: Delivery, known: dict[str, KnownUnit], holders: dict[str, str], view: str
) -> list[Part]:
    """Return a copy whose original delivers something else now: it stands for that content."""
    [file, *_] = delivery.files
    unit = known.get(file.load_unit_id)
    content = unit and unit.is_copy and unit.content_sha256
    if not holders or not content or not content.endswith(view) or content in holders:
        return []
    return [Part(file, content)]


def _copies(bill: Bill, parts: list[Part], holders: dict[str, str]) -> set[str]:
    """Return the unit of a file whose content came under another path, or note that it holds it.

    Where lines name their units, the newest delivery counts, whatever its path.
    """
    if bill.unit_kind:
        return set()
    return {
        part.file.load_unit_id
        for part in parts
        if holders.setdefault(part.content_sha256, part.file.load_unit_id) != part.file.load_unit_id
    }


def _load(
    context: LoadContext,
    bill: Bill,
    delivery: Delivery,
    parts: list[Part],
    services: list[str],
    replaced: set[str],
) -> Iterator[tuple[str, pa.Table]]:
    """Yield a delivery's tables once all of it has been read, and return its units.

    A unit is replaced whole: a part that cannot be read leaves the former delivery standing.
    """
    # A reader still reads while the account counts: each has its own connection.
    with (
        context.connection() as connection,
        context.connection() as reading,
        tempfile.TemporaryFile() as spool,
    ):
        account = BillAccount(connection, context, bill, delivery, services, replaced)
        with pa.ipc.new_file(spool, account.charges_schema) as writer:
            for number, part in enumerate(parts):
                context.progress(number, len(parts), part.file.address)
                reader = bill.reader_of(part.file.address)
                if not part.file.size_bytes:
                    # Lines may be none; any other file has at least a header.
                    if isinstance(reader, JsonReader):
                        continue
                    raise ValueError(
                        f"{part.file.address} is empty, without even a header; export it again."
                    )
                with part.file.local_copy() as path:
                    for records in reader.batches(reading, context, path):
                        writer.write_table(account.take(number, part, records))
                    account.name_lines(number, partial(reader.lines, path))
        spool.seek(0)
        batches = pa.ipc.open_file(spool)
        for number in range(batches.num_record_batches):
            yield "charges", pa.Table.from_batches([batches.get_batch(number)])
        yield from account.tables(parts)
        return account.units()
