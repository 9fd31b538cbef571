"""Two things at once: both are done at the end, and no error of either is lost."""

import threading

import pytest

from clvcli.core.background import in_background


def test_the_work_runs_beside_the_block_and_is_done_at_its_end() -> None:
    begun, block = threading.Event(), threading.Event()
    done: list[bool] = []

    def work() -> None:
        begun.set()
        done.append(block.wait(10))

    with in_background(work):
        assert begun.wait(10)
        block.set()
    assert done == [True]


def test_what_the_work_raises_comes_at_the_end_of_the_block() -> None:
    reached = []
    with pytest.raises(ZeroDivisionError), in_background(lambda: 1 / 0):
        reached.append(True)
    assert reached


def test_what_the_block_raises_comes_first_and_the_work_is_finished_all_the_same() -> None:
    done = threading.Event()
    with pytest.raises(KeyError), in_background(done.set):
        raise KeyError("block")
    assert done.is_set()


def test_what_the_work_gives_is_there_after_the_block() -> None:
    with in_background(lambda: 6 * 7) as later:
        pass
    assert later.value == 42
