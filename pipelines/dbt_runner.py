"""Runs one dbt command in a process of its own, on a project that is parsed once per version.

dbt binds the parse that it saves to the profile's values, so that each new home would parse the
same models again: a third of an empty build's time. Here the parsed project is kept in a file,
under a fingerprint of all that was parsed, and handed to dbt. What dbt says is written to stdout as
lines of JSON: `level`, `message`, and for a finished node `node`, `index` and `total`.

`python -m pipelines.dbt_runner KEPT FINGERPRINT TARGET COMMAND…`: TARGET is dbt's target folder,
its other places are in the environment. Exits 0 where all of the command succeeded.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from dbt.artifacts.schemas.run import RunExecutionResult
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt.parser.manifest import extended_mashumaro_encoder, extended_mashumuro_decoder
from dbt_common.events.base_types import EventMsg

FINISHED = ("LogModelResult", "LogTestResult", "LogSeedResult", "LogNodeResult")
PARSED, MANIFEST = "manifest.msgpack", "manifest.json"
# Checkouts whose parse is kept; the oldest make way.
KEPT = 8


@dataclass(frozen=True)
class Parsed:
    """The parsed project, and the document that dbt wrote of it."""

    manifest: Manifest
    document: bytes


def run(kept: Path, fingerprint: str, target: Path, command: list[str]) -> bool:
    """Run a dbt command, write its manifest and results; return whether all of it succeeded."""
    parsed = read_parsed(kept, fingerprint)
    if parsed is None:
        parse = ["parse", "--no-partial-parse", "--target-path", str(target)]
        outcome = dbtRunner(callbacks=[_tell]).invoke(parse)
        if not isinstance(outcome.result, Manifest):
            return False
        parsed = Parsed(outcome.result, (target / MANIFEST).read_bytes())
        # Where there is no room or no right to write, the next run parses again.
        with contextlib.suppress(OSError):
            write_parsed(kept, fingerprint, parsed)
    else:
        target.mkdir(parents=True, exist_ok=True)
        (target / MANIFEST).write_bytes(parsed.document)
    # dbt would write the manifest anew, which is the same.
    runner = dbtRunner(manifest=parsed.manifest, callbacks=[_tell])
    outcome = runner.invoke([*command, "--target-path", str(target), "--no-write-json"])
    if isinstance(outcome.result, RunExecutionResult):
        outcome.result.write(str(target / "run_results.json"))
    return outcome.success


def read_parsed(kept: Path, fingerprint: str) -> Parsed | None:
    """Return the parsed project; None where the file is missing, damaged or another version's."""
    try:
        with zipfile.ZipFile(kept) as archive:
            if archive.comment.decode(errors="replace") != fingerprint:
                return None
            body, document = archive.read(PARSED), archive.read(MANIFEST)
    except (OSError, KeyError, zipfile.BadZipFile):
        return None
    return Parsed(Manifest.from_msgpack(body, decoder=extended_mashumuro_decoder), document)


def write_parsed(kept: Path, fingerprint: str, parsed: Parsed) -> None:
    """Keep a parsed project, atomically."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    scratch = kept.with_suffix(f".{os.getpid()}.writing")
    try:
        with zipfile.ZipFile(scratch, "w") as archive:
            archive.comment = fingerprint.encode()
            archive.writestr(PARSED, parsed.manifest.to_msgpack(extended_mashumaro_encoder))
            archive.writestr(MANIFEST, parsed.document)
        scratch.replace(kept)
    finally:
        scratch.unlink(missing_ok=True)
    newest = sorted(kept.parent.glob(f"*{kept.suffix}"), key=lambda file: file.stat().st_mtime)
    for old in newest[:-KEPT]:
        old.unlink(missing_ok=True)


def _tell(event: EventMsg) -> None:
    """Write what people want to see: finished nodes and errors."""
    said: dict[str, object] = {"level": event.info.level, "message": event.info.msg}
    if event.info.name in FINISHED:
        data = event.data
        # A test's result calls the number of nodes otherwise.
        total = data.total if hasattr(data, "total") else data.num_models
        said |= {"node": data.node_info.node_name, "index": data.index, "total": total}
    elif event.info.level != "error" or event.info.name == "MainStackTrace":
        return
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    _, kept_, fingerprint_, target_, *command_ = sys.argv
    sys.exit(0 if run(Path(kept_), fingerprint_, Path(target_), command_) else 1)
