"""Runs the extraction of files, and of a file's parts, side by side, with few batches waiting."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
WORKERS = 2
BATCHES_WAITING = 4
# However many files are read, no more parts of them are in memory.
_POOL = ThreadPoolExecutor(WORKERS, thread_name_prefix="part")


def side_by_side(
    tasks: Iterable[Callable[[], Iterator[Item]]], *, workers: int = WORKERS
) -> Iterator[Item]:
    """Yield what the tasks yield, each task's items in order; raise what a task raises.

    DuckDB parses one file on one core where the lines are numbered, so files share the cores. When
    the caller stops early the workers stop too.
    """
    waiting: queue.Queue[tuple[str, object]] = queue.Queue(BATCHES_WAITING)
    stopped = threading.Event()
    remaining = iter(tasks)
    taking = threading.Lock()

    def put(kind: str, value: object) -> None:
        while not stopped.is_set():
            try:
                waiting.put((kind, value), timeout=0.1)
                return
            except queue.Full:
                continue

    def work() -> None:
        try:
            while not stopped.is_set():
                with taking:
                    task = next(remaining, None)
                if task is None:
                    break
                for item in task():
                    put("item", item)
                    if stopped.is_set():
                        break
        except BaseException as failure:
            put("failure", failure)
        put("end", None)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(workers)]
    for thread in threads:
        thread.start()
    running = len(threads)
    try:
        while running:
            kind, value = waiting.get()
            if kind == "item":
                yield value  # type: ignore[misc]
            elif kind == "failure":
                raise value  # type: ignore[misc]
            else:
                running -= 1
    finally:
        stopped.set()
        for thread in threads:
            thread.join()


def in_order(tasks: Iterable[Callable[[], Item]]) -> Iterator[Item]:
    """Yield what each task returns, in order, while those after it run; raise what one raises."""
    remaining = iter(tasks)
    running = deque(_POOL.submit(task) for task in islice(remaining, WORKERS))
    try:
        while running:
            found = running.popleft().result()
            running.extend(_POOL.submit(task) for task in islice(remaining, 1))
            yield found
    finally:
        for future in running:
            future.cancel()
