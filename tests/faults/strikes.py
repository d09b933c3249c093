"""What may befall a run: each strike does it at a point that its random numbers choose.

A strike leaves the home as an operator would who did what the message said, so that the next run
has to bring everything right. It returns what was said.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.faults.on_machine import (
    corrupted_build_file,
    disk_full,
    jumping_clock,
    read_only_home,
    sigkill,
    sigterm,
    truncated_lake_file,
    two_runs_at_once,
)
from tests.faults.on_sources import (
    bill_restated_five_times,
    months_out_of_order,
    source_changes_its_schema,
    source_floods,
    source_hangs,
)
from tests.faults.scene import Scene

Strike = Callable[[Scene], str]

# How many of a hundred points each one gets.
STRIKES: dict[Strike, int] = {
    sigkill: 18, sigterm: 10, disk_full: 12, read_only_home: 3, two_runs_at_once: 5,
    truncated_lake_file: 10, corrupted_build_file: 10, jumping_clock: 8, source_hangs: 4,
    source_floods: 6, source_changes_its_schema: 6, bill_restated_five_times: 4,
    months_out_of_order: 4,
}  # fmt: skip
