"""All files of a run or none: contents, modes, links, what is left behind, streams, failing system calls."""

import errno
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from clvcli.core.errors import OutputError, UsageError
from clvcli.output import Outputs, abandon, files, lock, replace, tempfiles, written_by_run
from clvcli.output.sink import ReaderGoneError

ROLES = {"table": "t.csv", "rejects": "t.csv.rejects.csv", "manifest": "t.csv.run.json"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test runs in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def text(content: str) -> Callable[[BinaryIO], None]:
    """Fills an output with `content`, in two writes."""

    def fill(target: BinaryIO) -> None:
        target.write(content[:2].encode())
        target.write(content[2:].encode())

    return fill


def run(content: str, **more: Any) -> None:
    """A whole run that writes `content` into the three files."""
    with Outputs(ROLES, **more) as outputs:
        for role in ROLES:
            outputs.write(role, text(f"{role} {content}"))
        outputs.commit()


def contents() -> dict[str, str]:
    """Every file of the folder, hidden ones too."""
    return {p.name: p.read_text() for p in Path().iterdir()}


def state(content: str) -> dict[str, str]:
    """What a whole run leaves."""
    return {path: f"{role} {content}" for role, path in ROLES.items()}


def test_a_run_writes_its_files_and_nothing_else() -> None:
    run("one")
    assert contents() == state("one")
    run("two")
    assert contents() == state("two")


def test_nothing_changes_without_commit() -> None:
    run("one")
    with Outputs(ROLES) as outputs:
        outputs.write("table", text("new"))
    assert contents() == state("one")
    with Outputs(ROLES) as outputs:
        outputs.write("table", text("new"))
        with pytest.raises(ZeroDivisionError):
            outputs.write("manifest", lambda _: 1 // 0)
    assert contents() == state("one")


def test_rejects_alone() -> None:
    run("one")
    with Outputs(ROLES) as outputs:
        outputs.write("rejects", text("only"))
        outputs.commit(only={"rejects"})
    assert contents() == state("one") | {"t.csv.rejects.csv": "only"}


def test_mode_of_what_is_replaced_and_umask_of_what_is_new() -> None:
    Path("t.csv").write_text("old")
    Path("t.csv").chmod(0o640)
    before = os.umask(0o027)
    try:
        run("one")
    finally:
        os.umask(before)
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in Path().iterdir()}
    assert modes == {"t.csv": 0o640, "t.csv.rejects.csv": 0o640, "t.csv.run.json": 0o640}
    Path("t.csv").chmod(0o600)
    run("two")
    assert stat.S_IMODE(Path("t.csv").stat().st_mode) == 0o600


def test_a_private_file_is_never_readable_by_others_on_the_way() -> None:
    Path("t.csv").touch(mode=0o600)
    seen: list[int] = []

    def fill(target: BinaryIO) -> None:
        target.write(b"secret")
        seen.extend(stat.S_IMODE(p.stat().st_mode) for p in Path().glob(".t.csv.*clvtmp"))

    with Outputs({"table": "t.csv"}) as outputs:
        outputs.write("table", fill)
    assert seen == [0o600]


def test_links_are_followed_and_stay_links(folder: Path) -> None:
    (folder / "real").mkdir()
    Path("t.csv").symlink_to("real/deep.csv")
    run("one")
    assert Path("t.csv").is_symlink()
    assert Path("real/deep.csv").read_text() == "table one"
    assert sorted(p.name for p in Path("real").iterdir()) == ["deep.csv"]


def test_long_names() -> None:
    name = "n" * 250
    with Outputs({"table": name}) as outputs:
        outputs.write("table", text("long"))
        outputs.commit()
    assert contents() == {name: "long"}


def test_temporaries_of_dead_runs_are_swept_and_strangers_stay() -> None:
    for name in (".t.csv.123-abcdef01.clvtmp", ".t.csv.123-abcdef01-old.clvtmp", ".t.csv.notes.clvtmp", ".t.csv.x-1"):
        Path(name).write_text("left")
    Path(".t.csv.clvlock").write_text("123\n")
    run("one")
    assert set(contents()) == {*ROLES.values(), ".t.csv.notes.clvtmp", ".t.csv.x-1"}


def test_a_busy_output_names_the_pid_at_once_and_waits_when_told() -> None:
    with Outputs(ROLES):
        with pytest.raises(OutputError, match=rf"run {os.getpid()} is writing it") as caught, Outputs(ROLES):
            pass
        assert caught.value.hint == "wait for it: --wait SECONDS"
        with pytest.raises(OutputError, match=r"waited 0\.1 s"), Outputs(ROLES, wait=0.1):
            pass
        with pytest.raises(OutputError), Outputs({"report": "t.csv.rejects.csv"}):
            pass
    first = Outputs(ROLES).__enter__()
    threading.Timer(0.2, first.__exit__, (None, None, None)).start()
    run("second", wait=10.0)
    assert contents() == state("second")


def test_a_foreign_file_is_not_replaced_under_a_default_name() -> None:
    Path("t.csv").write_text("mine")
    with pytest.raises(OutputError, match="no earlier run wrote") as caught:
        run("x", own_only=("table",))
    assert caught.value.hint == "name the output: -o FILE"
    assert contents() == {"t.csv": "mine"}
    Path("t.csv.run.json").write_text('{"clv": "0.1.0", "outputs": [{"path": "/elsewhere/t.csv"}]}')
    run("x", own_only=("table",))
    assert contents() == state("x")


def test_written_by_run() -> None:
    Path("t.csv.run.json").write_text('{"clv": "0.1.0", "outputs": ["t.csv"]}')
    for name in ("t.csv", "other.csv", "t.csv.rejects.csv", "o.csv.rejects.csv"):
        Path(name).write_text("a,b\n")
    Path("p.csv.rejects.csv").write_text("file,line,column,value,reason\n")
    Path("bad.csv.run.json").write_text("[" * 100_000)
    Path("bad.csv").touch()
    found = sorted(p.name for p in Path().iterdir() if written_by_run(p))
    assert found == ["p.csv.rejects.csv", "t.csv", "t.csv.rejects.csv", "t.csv.run.json"]
    assert not written_by_run("missing.csv")
    assert not written_by_run("nul\0.csv")


def test_devices_and_pipes_are_written_as_they_stand(folder: Path) -> None:
    os.mkfifo("pipe")
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(Path("pipe").read_bytes()))
    reader.start()
    with Outputs({"table": "pipe", "report": "/dev/null", "manifest": "m.json"}) as outputs:
        for role in ("table", "report", "manifest"):
            outputs.write(role, text(role))
        outputs.commit()
    reader.join()
    assert got == [b"table"]
    assert sorted(p.name for p in folder.iterdir()) == ["m.json", "pipe"]


def test_a_full_device_leaves_every_file_as_it_was() -> None:
    run("one")
    with Outputs(ROLES | {"report": "/dev/full"}) as outputs:
        for role in (*ROLES, "report"):
            outputs.write(role, text("new"))
        with pytest.raises(OutputError, match=r"/dev/full: cannot be written: no space left") as caught:
            outputs.commit()
    assert caught.value.hint
    assert contents() == state("one")


def test_stdout_gets_bytes(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    with Outputs({"table": "-"}) as outputs:
        outputs.write("table", lambda t: t.write(b"\xff\r\n\0"))
        outputs.commit()
    assert capfdbinary.readouterr().out == b"\xff\r\n\0"


def test_dev_stdout_is_the_descriptor(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    with Outputs({"table": "/dev/stdout"}) as outputs:
        outputs.write("table", text("table"))
        outputs.commit()
    assert capfdbinary.readouterr().out == b"table"


def test_a_reader_that_left_is_no_output_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with Outputs({"table": f"/dev/fd/{writer}", "manifest": "m.json"}) as outputs:
        outputs.write("table", text("table"))
        outputs.write("manifest", text("m"))
        with pytest.raises(ReaderGoneError):
            outputs.commit()
    os.close(writer)
    assert contents() == {}


def test_a_slow_reader_that_does_not_block() -> None:
    """A pipe set to non-blocking by whoever shares it: EAGAIN is waited out, nothing is lost."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    got: list[bytes] = []

    def drain() -> None:
        with os.fdopen(reader, "rb") as stream:
            got.append(stream.read())

    thread = threading.Thread(target=drain)
    with Outputs({"table": f"/dev/fd/{writer}"}) as outputs:
        outputs.write("table", lambda t: t.write(b"x" * 3_000_000))
        thread.start()
        outputs.commit()
    os.close(writer)
    thread.join()
    assert got == [b"x" * 3_000_000]


def test_abandon_leaves_nothing_and_shuts_the_gate(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Lock()
    for module in (files, tempfiles, lock, replace):
        monkeypatch.setattr(module, "GATE", gate)
    run("one")
    scratch = folder / "scratch"
    scratch.mkdir()
    (scratch / "part").touch()
    monkeypatch.setattr(tempfiles, "SCRATCH", {str(scratch)})
    with Outputs(ROLES) as outputs:
        outputs.write("table", text("new"))
        abandon()
        assert contents() == state("one")
        assert gate.locked()
        gate.release()


def test_an_output_that_is_an_input() -> None:
    Path("t.csv").write_text("log")
    with pytest.raises(UsageError), Outputs(ROLES, ["t.csv"]):
        pass
    assert contents() == {"t.csv": "log"}


CALLS = ("open", "write", "fsync", "fchmod", "replace", "link", "ftruncate")


class Failing:
    """Makes the n-th of the system calls that outputs make fail once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, code: int, nth: int) -> None:
        self.count, self.code, self.nth, self.failed = 0, code, nth, ""
        for name in CALLS:
            monkeypatch.setattr(os, name, self._wrap(name, getattr(os, name)))

    def _wrap(self, name: str, real: Any) -> Any:
        def call(*args: Any, **more: Any) -> Any:
            self.count += 1
            if self.count == self.nth:
                self.failed = name
                raise OSError(self.code, os.strerror(self.code))
            return real(*args, **more)

        return call


def outcome(content: str) -> str:
    """The message with which a whole run failed, "" when it did not."""
    try:
        run(content)
    except OutputError as error:
        return error.message
    return ""


@pytest.mark.parametrize("before", ["", "one"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS])
def test_whichever_call_fails_the_files_are_old_or_new(before: str, code: int) -> None:
    if before:
        run(before)
    old = state(before) if before else {}
    nth, failures = 0, 0
    while True:
        nth += 1
        with pytest.MonkeyPatch.context() as patch:
            failing = Failing(patch, code, nth)
            message = outcome("two")
        if not failing.failed:
            break
        failures += 1
        assert os.strerror(code).lower() in message.lower()
        assert contents() == old, f"call {nth}, {failing.failed}"
    assert contents() == state("two")
    assert failures > 20
