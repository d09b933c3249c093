"""Holds a signal back where what it would interrupt could not be ended with this process."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held_back(number: signal.Signals) -> Iterator[None]:
    """Have a signal wait for the end of the block; only the main thread is interrupted by any."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    former = signal.signal(number, lambda *_: came.append(number))
    try:
        yield
    finally:
        signal.signal(number, former)
        if came:
            signal.raise_signal(number)
