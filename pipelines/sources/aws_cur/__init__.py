"""AWS's Cost and Usage Report: CUR 2.0 (Data Exports) and legacy, of the AI services.

Loads raw_aws_cur.charges from CSV and Parquet; one row is one line item. AWS rewrites a month
whole, so the unit is the billing period of a payer account. What the setting `services` leaves out
is kept as sums in raw_aws_cur.left_out.
Data flow: settings `files`, `services` -> raw_aws_cur. Run alone: `bursar load aws_cur`.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator

import duckdb
import pyarrow as pa

from pipelines.config import SourceSettings
from pipelines.load import LoadContext
from pipelines.sources.aws_cur.account import CHARGES_SCHEMA, DeliveryAccount
from pipelines.sources.aws_cur.deliveries import Delivery, Part, deliveries
from pipelines.sources.aws_cur.fields import CHARGES, FIELDS, LEFT_OUT
from pipelines.sources.column_files import ColumnReader
from pipelines.sources.files import find_files

NAME = "aws_cur"
TABLES = {"charges": CHARGES, "left_out": LEFT_OUT}
ENDINGS = (".csv", ".csv.gz", ".csv.zip", ".csv.zst", ".parquet", ".pq")
# Product codes or names; models that AWS Marketplace sells are `… (Amazon Bedrock Edition)`.
AI_SERVICES = (
    "*bedrock*", "*sagemaker*", "AmazonQ", "AmazonQ[BD]*", "*kiro*", "*codewhisperer*",
    "*comprehend*", "*rekognition*", "*textract*", "*transcribe*", "*translate*", "*polly*",
    "AmazonLex*", "*kendra*",
)  # fmt: skip


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files are named."""
    return bool(settings.get_list("files"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the charges, sums and accounts of every delivery of which a file is new or changed."""
    services = context.settings.get_list("services") or list(AI_SERVICES)
    # Other services want other lines of the same files.
    view = hashlib.sha256("|".join(sorted(services)).encode()).hexdigest()[:8]
    known = context.known_units()
    periods = {
        unit_id: unit.modified_at
        for unit_id, unit in known.items()
        if unit_id.startswith("billing_period:")
    }
    taken: set[str] = set()
    # The newest delivery of a billing period stands for it: the others then add nothing.
    for delivery in deliveries(find_files(context, ENDINGS)):
        parts = delivery.changed_parts(context, known, view)
        if not parts:
            continue
        replaced = taken | {
            unit_id
            for unit_id, modified_at in periods.items()
            if modified_at and modified_at > delivery.modified_at
        }
        try:
            found = yield from _load(context, delivery, parts, services, replaced)
        except (duckdb.Error, pa.ArrowException, OSError, EOFError, ValueError) as fault:
            reason = " ".join(str(fault).split())[:300]
            context.fail_later(
                f"{NAME}: the delivery of {parts[0].file.address} was not loaded: {reason}"
            )
            continue
        taken |= set(found)


def _load(
    context: LoadContext,
    delivery: Delivery,
    parts: list[Part],
    services: list[str],
    replaced: set[str],
) -> Iterator[tuple[str, pa.Table]]:
    """Yield a delivery's tables once all of it has been read, and return its billing periods.

    A month is replaced whole: a part that cannot be read leaves the former delivery standing.
    """
    reader = ColumnReader(FIELDS)
    with context.connection() as connection, tempfile.TemporaryFile() as spool:
        account = DeliveryAccount(connection, context, delivery, services, replaced)
        with pa.ipc.new_file(spool, CHARGES_SCHEMA) as writer:
            for number, part in enumerate(parts):
                context.progress(number, len(parts), part.file.address)
                with part.file.local_copy() as path:
                    for records in reader.batches(connection, context, path):
                        writer.write_table(account.take(number, records))
        spool.seek(0)
        batches = pa.ipc.open_file(spool)
        for number in range(batches.num_record_batches):
            yield "charges", pa.Table.from_batches([batches.get_batch(number)])
        yield from account.tables(parts)
        return account.periods()
