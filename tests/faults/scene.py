"""One point of the proof: a restored company, random numbers, and what a strike leaves to undo."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from random import Random

from tests.faults.company import Company


class CannotBeMadeError(Exception):
    """This machine does not let the fault be made; the message says what it lacks."""


@dataclass
class Scene:
    """A restored company, the random numbers of one point, and what has to be undone after it."""

    company: Company
    random: Random
    stack: ExitStack = field(default_factory=ExitStack)
    tables: tuple[str, ...] | None = None
    """What the next run has to bring right: every table, or where records came twice the costs."""

    def wait(self) -> None:
        """Wait for a moment within a run."""
        time.sleep(self.random.uniform(0.2, self.company.seconds))
