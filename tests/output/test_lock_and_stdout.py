"""Locks where the file system has none, where they vanish, where they cannot be read; stdout in odd shapes."""

import errno
import fcntl
import io
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from clvcli.core.errors import OutputError
from clvcli.output.lock import Lock
from clvcli.output.places import identity, is_stream
from clvcli.output.sink import ClosedStdout, Sink, check_stdout, fill_stdout


@pytest.fixture
def target(tmp_path: Path) -> str:
    """An output that is not there yet."""
    return str(tmp_path / "t.csv")


def failing(code: int) -> Any:
    """A system call that fails with `code`."""

    def call(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    return call


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_a_file_system_without_locks_does_not_stop_a_run(
    code: int, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fcntl, "flock", failing(code))
    with Lock(target, "t.csv", None) as lock:
        assert not lock.held


def test_a_lock_that_fails_otherwise_is_an_output_error(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcntl, "flock", failing(errno.EIO))
    with (
        pytest.raises(OutputError, match=r"t\.csv: cannot be written: input/output error"),
        Lock(target, "t.csv", None),
    ):
        pass


def test_a_lock_whose_file_was_unlinked_meanwhile_is_taken_anew(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What happens between the open and the lock of one run while another ends: the first inode is nobody's."""
    real = fcntl.flock
    calls: list[int] = []

    def flock(descriptor: int, how: int) -> None:
        if not calls:
            os.unlink(str(Path(target).parent / ".t.csv.clvlock"))
        calls.append(how)
        real(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", flock)
    with Lock(target, "t.csv", 5.0) as lock:
        assert lock.held
        assert len(calls) == 2
        assert Path(lock.path).read_text() == f"{os.getpid()}\n"
    assert not Path(lock.path).exists()


@pytest.mark.parametrize("content", ["", "not a number\n"])
def test_a_lock_without_a_pid_is_still_a_lock(content: str, target: str) -> None:
    with Lock(target, "t.csv", None) as lock:
        Path(lock.path).write_text(content)
        with pytest.raises(OutputError, match="another run is writing it"), Lock(target, "t.csv", None):
            pass
        Path(lock.path).unlink()


def test_stdout_that_is_no_descriptor(monkeypatch: pytest.MonkeyPatch) -> None:
    inside = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(inside))
    fill_stdout(lambda sink: sink.write(b"bytes"))
    assert inside.getvalue() == b"bytes"


def test_a_stdout_closed_from_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(ClosedStdout()))  # type: ignore[type-var]
    with pytest.raises(OutputError, match="stdout is closed"):
        check_stdout()
    with pytest.raises(OSError, match="stdout is closed"):
        sys.stdout.buffer.write(b"x")
    monkeypatch.undo()


def test_text_that_waits_in_stdout_comes_first_or_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        full.write("waiting")
        with pytest.raises(OutputError, match="stdout: cannot be written: no space left"):
            fill_stdout(lambda sink: sink.write(b"bytes"))
        monkeypatch.undo()
        with pytest.raises(OSError, match="No space"):
            full.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), full.fileno())


def test_a_sink_that_is_over_or_has_failed_writes_nothing_more(tmp_path: Path) -> None:
    """A ZIP file that is given up writes its directory when it is collected: by then the number is another file's."""
    path = tmp_path / "x"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    sink = Sink(descriptor)
    assert sink.write(b"one") == 3
    sink.over = True
    assert sink.write(b"two") == 3
    sink.flush()
    os.close(descriptor)
    assert path.read_bytes() == b"one"


def test_what_is_a_stream() -> None:
    assert is_stream("/dev/fd/1")
    assert is_stream("/dev/../dev/null")
    assert not is_stream("nul\0")
    assert not is_stream("devices/x")
    assert identity("nul\0", 0) == ()
    assert identity("/nowhere/at/all", 0) == ("/nowhere/at", "all")
