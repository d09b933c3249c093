"""One point of the proof: a restored company, random numbers, and what a strike leaves to undo."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from random import Random

from tests.faults.company import Company


class CannotBeMadeError(Exception):
    """This machine does not let the fault be made; the message says what it lacks."""


class MissedError(CannotBeMadeError):
    """The run ended before the strike met it; at another moment, or with less room, it may."""


@dataclass
class Scene:
    """A restored company, the random numbers of one point, and what has to be undone after it."""

    company: Company
    random: Random
    stack: ExitStack = field(default_factory=ExitStack)
    tables: tuple[str, ...] | None = None
    """What the next run has to bring right: every table, or where records came twice the costs."""

    def wait(self, share: float = 1) -> None:
        """Wait for a moment within a run, or within its first share."""
        time.sleep(self.random.uniform(0.2, max(1, self.company.seconds * share)))

    def missed(self) -> MissedError:
        """Return what is raised where the run had ended: runs are shorter than they were."""
        self.company.seconds *= 0.7
        return MissedError("the run had ended")
