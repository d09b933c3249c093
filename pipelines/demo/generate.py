"""Writes the demo company: its logs, its bills, its registers, and what is true of them."""

from __future__ import annotations

import json
import shutil
import tempfile
from datetime import date
from pathlib import Path
from types import ModuleType

import duckdb

from pipelines.demo.ai_systems import ai_system_plants
from pipelines.demo.bills import write_api_records
from pipelines.demo.books import book_plants
from pipelines.demo.calls import build_world
from pipelines.demo.commitments import commitment_plants
from pipelines.demo.fees import fee_plants
from pipelines.demo.focus import write_focus
from pipelines.demo.fx import fx_plants
from pipelines.demo.gateway import build_log, write_log
from pipelines.demo.other_charges import add_other_charges
from pipelines.demo.parts import MERGED, parts
from pipelines.demo.plants import find_plants
from pipelines.demo.registers import OPENAI_KEYS, write_openai_registers, write_registers
from pipelines.demo.shadow_keys import shadow_key_plants
from pipelines.demo.teams import team_plants
from pipelines.demo.truths import find_truths, sum_team_costs
from pipelines.demo.window import Window
from pipelines.machine import WORKING

_PARTS = ("litellm", "focus", "openai", "anthropic", "org", "pricing", "policy")


def generate(
    folder: Path,
    *,
    days: int = 90,
    requests: int = 200_000,
    seed: int = 7,
    end: date | None = None,
    basic: bool = False,
) -> None:
    """Write the demo company into a folder, `end` exclusive (today in UTC unless given).

    A basic one has the gateway, the two providers and the bills of clouds, and no part beyond.
    """
    window = Window.build(days=days, requests=requests, seed=seed, end=end)
    folder = Path(folder)
    for name in (*_PARTS, *(part.NAME for part in parts())):
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / "truths.json").unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as spill:
        settings = WORKING | {"temp_directory": spill}
        with duckdb.connect(config=settings) as connection:
            _write(connection, window, folder, [] if basic else parts())


def _write(
    connection: duckdb.DuckDBPyConnection, window: Window, folder: Path, further: list[ModuleType]
) -> None:
    build_world(connection, window)
    add_other_charges(connection, window)
    build_log(connection, window)
    write_log(connection, window, folder / "litellm")
    write_api_records(connection, window, folder)
    broken_record = write_focus(connection, window, folder / "focus")
    write_registers(window, folder, further)
    write_openai_registers(window, folder / "openai")
    truths = find_truths(connection, window)
    truths["plants"] = find_plants(connection, window, broken_record)
    for part in further:
        found = part.write(folder / part.NAME, window)
        for name in MERGED:
            truths[name] += found.get(name, [])
    truths["plants"] += fx_plants(truths["invoices"], window)
    truths["plants"] += commitment_plants(truths["invoices"])
    truths["plants"] += [*team_plants(window), *fee_plants(window), *book_plants(window)]
    truths["plants"] += ai_system_plants(connection, window)
    unregistered = [key for key, (_, _, is_known) in OPENAI_KEYS.items() if not is_known]
    truths["plants"] += shadow_key_plants(connection, window, unregistered)
    truths["teams"] = sum_team_costs(truths["teams"])
    text = json.dumps(truths, indent=1, ensure_ascii=False)
    (folder / "truths.json").write_text(text + "\n", encoding="utf-8")
