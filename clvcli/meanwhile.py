"""One thing done in a thread beside another: the table is written while the series are summed up."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def meanwhile(work: Callable[[], object]) -> Iterator[None]:
    """Runs `work` in a thread beside the block and waits for it. What it raises comes at the end of the block, unless
    the block itself raises."""
    problems: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as problem:  # handed on to the thread that waits
            problems.append(problem)

    thread = threading.Thread(target=run, name="meanwhile")
    thread.start()
    try:
        yield
    finally:
        thread.join()
    if problems:
        raise problems[0]
