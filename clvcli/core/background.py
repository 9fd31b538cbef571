"""One thing done in a thread beside another: the table is written while the series are summed up."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass
class Pending(Generic[T]):
    """What the work gave; there after the block."""

    value: T


@contextmanager
def in_background(work: Callable[[], T]) -> Iterator[Pending[T]]:
    """Runs `work` in a thread beside the block and waits for it. What it raises comes at the end of the block, unless
    the block itself raises."""
    problems: list[BaseException] = []
    later: Pending[T] = Pending.__new__(Pending)

    def run() -> None:
        try:
            later.value = work()
        except BaseException as problem:  # handed on to the thread that waits
            problems.append(problem)

    thread = threading.Thread(target=run, name="meanwhile")
    thread.start()
    try:
        yield later
    finally:
        thread.join()
    if problems:
        raise problems[0]
