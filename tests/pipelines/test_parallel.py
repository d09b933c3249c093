"""Files side by side: nothing lost, each file in order, faults and early stops passed on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial

import pytest

from pipelines.sources.parallel import in_order, side_by_side


def numbers(task: int, count: int) -> Iterator[tuple[int, int]]:
    for number in range(count):
        yield task, number


def test_every_item_arrives_and_each_task_in_order() -> None:
    found = list(side_by_side(partial(numbers, task, 50) for task in range(20)))
    assert len(found) == 1000
    for task in range(20):
        assert [number for name, number in found if name == task] == list(range(50))


def test_no_task_is_no_item() -> None:
    assert list(side_by_side([])) == []


def test_what_a_task_raises_the_caller_sees() -> None:
    def broken() -> Iterator[tuple[int, int]]:
        yield 0, 0
        raise ValueError("the file is gone")

    with pytest.raises(ValueError, match="the file is gone"):
        list(side_by_side([broken, *(partial(numbers, task, 5) for task in range(50))]))


def test_workers_end_when_the_caller_stops() -> None:
    before = threading.active_count()
    items = side_by_side(partial(numbers, task, 10_000) for task in range(4))
    next(items)
    items.close()
    assert threading.active_count() == before


def test_what_comes_in_order_is_taken_no_further_than_needed() -> None:
    taken = []

    def task(number: int) -> int:
        if number == 5:
            raise ValueError("the part is gone")
        return number

    def tasks() -> Iterator[partial[int]]:
        for number in range(50):
            taken.append(number)
            yield partial(task, number)

    found = in_order(tasks())
    assert [next(found) for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="the part is gone"):
        next(found)
    assert len(taken) <= 8
