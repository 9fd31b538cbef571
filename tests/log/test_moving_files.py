"""A log that somebody writes to while it is read: grown is fine and told, anything else is refused."""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from unittest import mock

import pytest

from clvcli.core.errors import InputError
from clvcli.core.options import LogOptions
from clvcli.log import read as reading
from clvcli.log.judge import judge
from clvcli.log.read import read_log

TEXT = "customer_id,date,amount\n" + "".join(f"c{i % 9},2024-01-{1 + i % 28:02},{10 + i % 50}.50\n" for i in range(400))


def read_while(path: Path, change: Callable[[Path], object]) -> object:
    """Reads the log in many blocks; `change` happens when the first of them has been judged."""
    done: list[bool] = []

    def judged(*given: object, **more: object) -> object:
        if not done:
            done.append(True)
            change(path)
        return judge(*given, **more)  # type: ignore[arg-type]

    with mock.patch("clvcli.log.text.BLOCK", 512), mock.patch.object(reading, "judge", judged):
        return read_log(LogOptions(data=(str(path),)), date(2026, 11, 30))


def append(text: str) -> Callable[[Path], object]:
    def change(path: Path) -> None:
        with path.open("a") as stream:
            stream.write(text)

    return change


@pytest.mark.parametrize("unfinished", ["", "c1,2024-02-0"])
def test_a_file_that_grows_is_read_as_it_was(tmp_path: Path, unfinished: str) -> None:
    path = tmp_path / "log.csv"
    path.write_text(TEXT + unfinished)
    log = read_while(path, append("5,7.00\nc9,2024-03-01,12.00\n"))
    assert log.quality.read == log.quality.used == 400  # type: ignore[attr-defined]
    assert "grown_file" in [notice.code for notice in log.quality.notices]  # type: ignore[attr-defined]


def replaced(path: Path) -> None:
    other = path.with_suffix(".new")
    other.write_text(TEXT.replace("c1", "d1"))
    other.replace(path)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda path: os.truncate(path, 3000), "was cut short"),
        (lambda path: path.write_text(TEXT.replace("c1", "d1")), "was rewritten"),
        (lambda path: path.unlink(), "removed|cannot be read"),
        (replaced, "was replaced"),
    ],
)
def test_any_other_change_is_refused(tmp_path: Path, change: Callable[[Path], object], told: str) -> None:
    path = tmp_path / "log.csv"
    path.write_text(TEXT)
    with pytest.raises(InputError, match=told):
        read_while(path, change)
